import { runProgram } from '../../src/cli/program.ts'
import type { WhatsAppPlace } from '../../src/gateway/open-account.ts'

/** Where the program finds WhatsApp, in the environment: JSON, the Noise root in hexadecimal. */
export const PLACE_VARIABLE = 'TANDEM_TEST_PLACE'

export function placeText(place: WhatsAppPlace): string {
  return JSON.stringify({ ...place, noiseRoot: { ...place.noiseRoot, publicKey: hexOf(place.noiseRoot.publicKey) } })
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function placeFrom(text: string): WhatsAppPlace {
  const { noiseRoot, ...rest } = JSON.parse(text)
  return { ...rest, noiseRoot: { ...noiseRoot, publicKey: Buffer.from(noiseRoot.publicKey, 'hex') } }
}

// Imported by its test, it runs nothing.
const text = process.env[PLACE_VARIABLE]
if (text !== undefined) await runProgram(placeFrom(text))
