/** Data only: what the unit tests of a public implementation state about stanzas. */
export const facts = {
  origin: {
    repository: 'https://github.com/oxidezap/whatsapp-rust',
    commit: '1489b7da9a6a7e3cadc4337ee46399da7de25915',
    file: 'wacore/src/stanza/call.rs, unit tests',
    license: 'MIT',
    made: '2026-11-21: names, orders and values that those tests state, written down anew',
  },
  offer: {
    children: ['privacy', 'audio', 'audio', 'net', 'capability', 'destination', 'encopt', 'device-identity'],
    isAddressedWhenOneDeviceIsLeft: 'destination',
  },
  preaccept: {
    children: ['audio', 'encopt', 'capability'],
    opusCapabilityDiffers: {
      byte: 5,
      bits: 128,
    },
  },
  acceptWithCapability: {
    children: ['audio', 'net', 'encopt', 'capability'],
  },
  acceptWithOpus: {
    children: ['audio', 'net', 'encopt', 'capability', 'voip_settings'],
    settingsAttribute: {
      uncompressed: '1',
    },
    settings: {
      encode: {
        use_mlow_codec_v1: 'false',
      },
      options: {
        enable_48khz_rtp_clock: 'false',
      },
    },
    opusCapabilityDiffers: {
      byte: 5,
      bits: 128,
    },
  },
  transport: {
    attributes: {
      'transport-message-type': '1',
      'p2p-cand-round': '1',
    },
    net: {
      protocol: '0',
    },
  },
  relaylatency: {
    rttMs: 45,
    relayName: 'gru1c02',
    te: {
      latency: '33554477',
      relay_name: 'gru1c02',
    },
  },
  terminate: {
    reason: 'accepted_elsewhere',
    children: [],
  },
  reject: {
    attributes: {
      count: '0',
      reason: 'busy',
    },
  },
  offerReceipt: {
    attributes: {
      to: '111111111111111@lid',
      id: 'STANZA-ID-0001',
      from: '222222222222222:42@lid',
    },
    child: {
      'call-id': 'CALL-ID-0001',
      'call-creator': '111111111111111@lid',
    },
  },
  relayEndpoint: {
    hex: '9df0e2850d96',
    address: '157.240.226.133',
    port: 3478,
  },
}
