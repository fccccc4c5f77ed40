import type { WaNode } from '../wa-client.ts'
import { attributeOf, bytesOf, descendantOf, element } from './node.ts'

/** What the server tells the media side; a value is undefined when it says nothing. */
export interface VoipSettings {
  readonly useMlow: boolean | undefined
  /** RTP timestamps at 48 kHz, which we neither send nor read. */
  readonly use48kHzRtpClock: boolean | undefined
  /** How many packets back a copy may lie in each MLow packet; 0: none are read. */
  readonly redundancyLevel: number | undefined
}

const MAX_JSON_BYTES = 256 * 1024
const REDUNDANCY_LEVEL = { least: 0, most: 3 }

/**
 * The `<voip_settings>` anywhere below `node`; undefined when absent, compressed or no JSON: it is advice, and a call
 * goes on without it.
 */
export function parseVoipSettings(node: WaNode): VoipSettings | undefined {
  const found = descendantOf(node, 'voip_settings')
  if (!found || attributeOf(found, 'uncompressed') !== '1') return undefined
  const bytes = bytesOf(found, MAX_JSON_BYTES)
  if (!bytes) return undefined
  const json = parseJson(bytes)
  if (json === undefined) return undefined
  return {
    useMlow: flag(json, 'encode', 'use_mlow_codec_v1'),
    use48kHzRtpClock: flag(json, 'options', 'enable_48khz_rtp_clock'),
    redundancyLevel: redundancyLevel(json),
  }
}

/** Asks the caller to decode ordinary Opus at the 16 kHz clock. Goes into an accept, after the capability. */
export function opusVoipSettingsNode(): WaNode {
  const json = '{"encode":{"use_mlow_codec_v1":"false"},"options":{"enable_48khz_rtp_clock":"false"}}'
  return element('voip_settings', { uncompressed: '1' }, new TextEncoder().encode(json))
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function valueAt(json: unknown, group: string, name: string): unknown {
  const inner = memberOf(json, group)
  return memberOf(inner, name)
}

function memberOf(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined
  return (json as Record<string, unknown>)[name]
}

/** Known by its name alone, so whichever group it stands in. */
function redundancyLevel(json: unknown): number | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const levels = Object.keys(json).map((group) => count(json, group, 'mlow_red_redundancy_level', REDUNDANCY_LEVEL))
  return levels.find((level) => level !== undefined)
}

/** The server writes booleans as the strings "true" and "false". */
function flag(json: unknown, group: string, name: string): boolean | undefined {
  const value = String(valueAt(json, group, name))
  return value === 'true' ? true : value === 'false' ? false : undefined
}

function count(
  json: unknown,
  group: string,
  name: string,
  range: { readonly least: number; readonly most: number },
): number | undefined {
  const value = valueAt(json, group, name)
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isInteger(number) && number >= range.least && number <= range.most ? number : undefined
}
