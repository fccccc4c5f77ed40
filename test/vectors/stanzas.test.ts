import { describe, expect, it } from 'vitest'
import { buildAcceptWithCapability } from '../../src/whatsapp/stanza/accept.ts'
import { parseAddress } from '../../src/whatsapp/stanza/address.ts'
import { capabilityBlob } from '../../src/whatsapp/stanza/capability.ts'
import { buildOffer } from '../../src/whatsapp/stanza/offer.ts'
import { buildPreaccept } from '../../src/whatsapp/stanza/preaccept.ts'
import { buildCallReceipt } from '../../src/whatsapp/stanza/receipt.ts'
import { buildReject } from '../../src/whatsapp/stanza/reject.ts'
import { buildRelayLatency } from '../../src/whatsapp/stanza/relaylatency.ts'
import { buildTerminate } from '../../src/whatsapp/stanza/terminate.ts'
import { buildTransport } from '../../src/whatsapp/stanza/transport.ts'
import type { WaNode } from '../../src/whatsapp/wa-client.ts'
import { fromHex } from './json-vectors.ts'
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
  })

  it('terminate for one device', () => {
    const terminate = buildTerminate(call, 'accepted_elsewhere')
    expect(terminate.attrs.reason).toBe(facts.terminate.reason)
    expect(childrenOf(terminate)).toEqual(facts.terminate.children)
  })

  it('reject of a busy device', () => {
    expect(buildReject(call, 'busy').attrs).toMatchObject(facts.reject.attributes)
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
})
