/** Data only: what the unit tests of a public implementation state about stanzas. */
export const facts = {
  origin: {
    repository: 'https://github.com/oxidezap/whatsapp-rust',
    commit: '1489b7da9a6a7e3cadc4337ee46399da7de25915',
    file: 'wacore/src/stanza/call.rs and wacore/src/voip/relay_parse.rs, unit tests and constants',
    license: 'MIT',
    made: '2026-11-21: names, orders and values that those tests state, written down anew',
  },
  offer: {
    children: ['privacy', 'audio', 'audio', 'net', 'capability', 'destination', 'encopt', 'device-identity'],
    isAddressedWhenOneDeviceIsLeft: 'destination',
  },
  offerRead: {
    enc: { v: '2', type: 'pkmsg', ciphertext: '01020304' },
    capability: '0105f709e0bb13',
    metadata: { peer_abtest_bucket: 'video_interop_holdout', peer_abtest_bucket_id_list: '110001,110002' },
  },
  /** The constants; meowcaller 6d9b7b2c has the same of the first two. */
  capability: {
    offer: { mlow: '0105f709e0bb13', opus: '0105f709e03b13' },
    preaccept: { mlow: '0105f709e0bb07', opus: '0105f709e03b07' },
  },
  envelope: { to: '222222222222222:3@lid', id: 'term-1' },
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
  declined: {
    reason: undefined,
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
  relayEndpoint6: {
    hex: '200100000000000000000000000000000d96',
    address: '2001::',
    port: 3478,
  },
  relayBlock: {
    attributes: { uuid: 'relay-uuid', self_pid: '11', peer_pid: '22' },
    key: 'EBESExQVFhcYGRobHB0eHw==',
    hbhKey: 'QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xd',
    hbhKeyHex: '404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d',
    tagLength: 4,
    token: { id: '0', hex: 'aabbcc' },
    authToken: { id: '1', hex: '1122' },
    te2: [
      {
        attributes: { relay_id: '1', relay_name: 'gru1c02', token_id: '0', auth_token_id: '1', c2r_rtt: '33' },
        hex: '9df0e2850d96',
        endpoint: { address: '157.240.226.133', port: 3478 },
        isFna: false,
        c2rRttMs: 33,
      },
      {
        attributes: { relay_id: '2', relay_name: 'fldb1', auth_token_id: '0', is_fna: '1' },
        hex: '0a0000010d96',
        endpoint: { address: '10.0.0.1', port: 3478 },
        isFna: true,
        c2rRttMs: undefined,
      },
    ],
  },
}
