import { isIPv4 } from 'node:net'
import type { Endpoint } from '../../net/network.ts'
import type { WaNode } from '../../whatsapp/wa-client.ts'
import { element } from './node.ts'
import type { RelayBlock } from './relay-port.ts'

/** `<relay>` as the server puts it into an offer and into an offer's ack (docs/protocol/server.md, "Relay block"). */
export function relayNode(block: RelayBlock): WaNode {
  const text = (value: string) => new TextEncoder().encode(value)
  return element(
    'relay',
    {
      uuid: block.uuid,
      'call-id': block.callId,
      self_pid: String(block.selfPid),
      peer_pid: String(block.peerPid),
    },
    [
      ...block.participants.map(({ jid, pid }) => element('participant', { jid, pid: String(pid) })),
      element('key', {}, text(block.key)),
      element('hbh_key', {}, block.hbhKey),
      element('warp_mi_tag_len', {}, text(String(block.warpMiTagLength))),
      ...[...block.tokens].map(([id, token]) => element('token', { id }, token)),
      ...[...block.authTokens].map(([id, token]) => element('auth_token', { id }, token)),
      ...block.endpoints.map((relay) =>
        element(
          'te2',
          {
            relay_id: relay.relayId,
            relay_name: relay.relayName,
            token_id: relay.tokenId,
            auth_token_id: relay.authTokenId,
            is_fna: relay.isFna ? '1' : undefined,
            protocol: relay.protocol === 0 ? undefined : String(relay.protocol),
            c2r_rtt: relay.c2rRttMs === undefined ? undefined : String(relay.c2rRttMs),
          },
          addressBytes({ ...relay.endpoint, port: relay.advertisedPort ?? relay.endpoint.port }),
        ),
      ),
    ],
  )
}

/** 4 or 16 address bytes, then the port, all big-endian. */
function addressBytes({ address, port }: Endpoint): Uint8Array {
  const ip = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  return Buffer.concat([ip, Buffer.from([port >> 8, port & 255])])
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::')
  const groups = (part: string) => part.split(':').filter((group) => group !== '')
  const front = groups(head)
  const back = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0')
  return Buffer.concat([...front, ...zeros, ...back].map((group) => Buffer.from(group.padStart(4, '0'), 'hex')))
}
