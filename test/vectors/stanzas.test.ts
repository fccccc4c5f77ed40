import { describe, expect, it } from 'vitest'
import { buildAcceptWithCapability } from '../../src/whatsapp/stanza/accept.ts'
import { addressBytes, parseAddress } from '../../src/whatsapp/stanza/address.ts'
import { buildCall, parseReason } from '../../src/whatsapp/stanza/call.ts'
import { capabilityBlob } from '../../src/whatsapp/stanza/capability.ts'
import { element } from '../../src/whatsapp/stanza/node.ts'
import { buildOffer, parseOffer } from '../../src/whatsapp/stanza/offer.ts'
import { buildPreaccept } from '../../src/whatsapp/stanza/preaccept.ts'
import { buildCallReceipt } from '../../src/whatsapp/stanza/receipt.ts'
import { buildReject } from '../../src/whatsapp/stanza/reject.ts'
import { parseRelayBlock } from '../../src/whatsapp/stanza/relay-block.ts'
import { buildRelayLatency, parseRelayLatency } from '../../src/whatsapp/stanza/relaylatency.ts'
import { buildTerminate } from '../../src/whatsapp/stanza/terminate.ts'
import { buildTransport } from '../../src/whatsapp/stanza/transport.ts'
import { parseVoipSettings } from '../../src/whatsapp/stanza/voip-settings.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { fromHex, toHex } from './json-vectors.ts'
import { facts } from './stanza-facts.ts'

const call = { callId: 'CALL-ID-0001', callCreator: '111111111111111@lid' }
const childrenOf = ({ content }: WaNode) => (content ?? []) as readonly WaNode[]
const tagsOf = (node: WaNode) => childrenOf(node).map(({ tag }) => tag)
const child = (node: WaNode, tag: string) => childrenOf(node).find((candidate) => candidate.tag === tag)!

/** What a public implementation's tests say about stanzas: not bytes, but names, orders and values. */
describe(`stanzas, as ${facts.origin.repository} at ${facts.origin.commit.slice(0, 8)} states them`, () => {
  const offer = buildOffer({
    ...call,
    privacyToken: Uint8Array.of(1),
    audioRatesHz: [8000, 16_000],
    capability: capabilityBlob('offer', 'mlow'),
    deviceIdentity: Uint8Array.of(2),
    keys: [{ jid: '3:4@lid', type: 'pkmsg', ciphertext: Uint8Array.of(3) }],
  })

  it('offer: children in the order that the server checks, addressed even to one device', () => {
    expect(tagsOf(offer)).toEqual(facts.offer.children)
    expect(tagsOf(offer)).toContain(facts.offer.isAddressedWhenOneDeviceIsLeft)
  })

  it('offer as it is read', () => {
    const { enc, capability, metadata } = facts.offerRead
    const { ciphertext, ...attrs } = enc
    const read = parseOffer(
      element('offer', { 'call-id': call.callId, 'call-creator': call.callCreator }, [
        element('enc', attrs, fromHex(ciphertext)),
        element('capability', { ver: '1' }, fromHex(capability)),
        element('metadata', metadata),
      ]),
    )
    expect(read).toMatchObject(call)
    expect(read.encs).toEqual([{ to: undefined, type: enc.type, ciphertext: fromHex(ciphertext) }])
    expect(toHex(read.capability!)).toBe(capability)
    expect(Object.values(read.metadata!)).toEqual(Object.values(metadata))
  })

  it.each(['offer', 'preaccept'] as const)('capability of an %s, for MLow and for Opus', (use) => {
    for (const codec of ['mlow', 'opus'] as const) {
      expect(toHex(capabilityBlob(use, codec))).toBe(facts.capability[use][codec])
    }
  })

  it('call around an action: addressed to a device, with an id', () => {
    const { to, id } = facts.envelope
    expect(buildCall(to, id, { tag: 'terminate', attrs: {} })).toEqual({
      tag: 'call',
      attrs: facts.envelope,
      content: [{ tag: 'terminate', attrs: {} }],
    })
  })

  it.each(['offer', 'preaccept'] as const)('capability of an %s: Opus clears one bit', (use) => {
    const { byte, bits } =
      use === 'offer' ? facts.acceptWithOpus.opusCapabilityDiffers : facts.preaccept.opusCapabilityDiffers
    const [mlow, opus] = [capabilityBlob(use, 'mlow'), capabilityBlob(use, 'opus')]
    expect(mlow.map((value, i) => value ^ opus[i])).toEqual(mlow.map((_, i) => (i === byte ? bits : 0)))
  })

  it('preaccept', () => {
    expect(tagsOf(buildPreaccept(call, 'mlow'))).toEqual(facts.preaccept.children)
  })

  it('accept with capability, for MLow and for Opus', () => {
    const accept = (codec: 'mlow' | 'opus') =>
      buildAcceptWithCapability({ ...call, codec, metadata: undefined, rte: undefined })
    expect(tagsOf(accept('mlow'))).toEqual(facts.acceptWithCapability.children)
    expect(tagsOf(accept('opus'))).toEqual(facts.acceptWithOpus.children)
    const settings = child(accept('opus'), 'voip_settings')
    expect(settings.attrs).toEqual(facts.acceptWithOpus.settingsAttribute)
    expect(JSON.parse(new TextDecoder().decode(settings.content as Uint8Array))).toEqual(facts.acceptWithOpus.settings)
  })

  it('transport', () => {
    const transport = buildTransport(call)
    expect(transport.attrs).toMatchObject(facts.transport.attributes)
    expect(child(transport, 'net').attrs).toMatchObject(facts.transport.net)
  })

  it('relaylatency', () => {
    const { rttMs, relayName, te } = facts.relaylatency
    const node = buildRelayLatency(call, { rttMs, relayName, endpoint: { address: '1.2.3.4', port: 1286 } })
    expect(child(node, 'te').attrs).toEqual(te)
    expect(child(node, 'te').content).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6))
    const received = element('relaylatency', {}, [element('te', te, fromHex(facts.relayEndpoint.hex))])
    const { address, port } = facts.relayEndpoint
    expect(parseRelayLatency(received)).toEqual([{ rttMs, relayName, endpoint: { address, port } }])
  })

  it('terminate for one device', () => {
    const terminate = buildTerminate(call, 'accepted_elsewhere')
    expect(terminate.attrs.reason).toBe(facts.terminate.reason)
    expect(childrenOf(terminate)).toEqual(facts.terminate.children)
  })

  it('reject of a busy device', () => {
    expect(buildReject(call, 'busy').attrs).toMatchObject(facts.reject.attributes)
  })

  it('reject that declines', () => {
    expect(buildReject(call).attrs.reason).toBe(facts.declined.reason)
    expect(parseReason(element('reject', facts.reject.attributes))).toBe(facts.reject.attributes.reason)
    expect(parseReason(element('reject'))).toBe(facts.declined.reason)
  })

  it('voip_settings as they are read', () => {
    const { settings, settingsAttribute } = facts.acceptWithOpus
    const node = element('voip_settings', settingsAttribute, new TextEncoder().encode(JSON.stringify(settings)))
    const read = parseVoipSettings({ tag: 'accept', attrs: {}, content: [node] })
    expect(read).toStrictEqual({ useMlow: false, use48kHzRtpClock: false, redundancyLevel: undefined })
  })

  it('receipt of an offer', () => {
    const { to, id, from } = facts.offerReceipt.attributes
    const receipt = buildCallReceipt('offer', call, { id, from: to }, from)
    expect(receipt.attrs).toEqual(facts.offerReceipt.attributes)
    expect(child(receipt, 'offer').attrs).toEqual(facts.offerReceipt.child)
  })

  it('address of a relay', () => {
    const { hex, address, port } = facts.relayEndpoint
    expect(parseAddress(fromHex(hex))).toEqual({ address, port })
  })

  it('address of a relay, IPv6', () => {
    const { hex, address, port } = facts.relayEndpoint6
    expect(parseAddress(fromHex(hex))).toEqual({ address, port })
    expect(toHex(addressBytes({ address, port }))).toBe(hex)
  })

  it('relay block', () => {
    const { attributes, key, hbhKey, hbhKeyHex, tagLength, token, authToken, te2 } = facts.relayBlock
    const text = (tag: string, value: string) => element(tag, {}, new TextEncoder().encode(value))
    const block = parseRelayBlock(
      element('ack', {}, [
        element('relay', attributes, [
          text('key', key),
          text('hbh_key', hbhKey),
          text('warp_mi_tag_len', String(tagLength)),
          element('token', { id: token.id }, fromHex(token.hex)),
          element('auth_token', { id: authToken.id }, fromHex(authToken.hex)),
          ...te2.map((endpoint) => element('te2', { ...endpoint.attributes }, fromHex(endpoint.hex))),
        ]),
      ]),
    )
    expect(block).toMatchObject({ uuid: 'relay-uuid', selfPid: 11, peerPid: 22, key, warpMiTagLength: tagLength })
    expect(toHex(block!.hbhKey!)).toBe(hbhKeyHex)
    expect(toHex(block!.tokens.get(token.id)!)).toBe(token.hex)
    expect(toHex(block!.authTokens.get(authToken.id)!)).toBe(authToken.hex)
    expect(block!.endpoints).toMatchObject(te2.map(({ endpoint, isFna, c2rRttMs }) => ({ endpoint, isFna, c2rRttMs })))
  })
})
