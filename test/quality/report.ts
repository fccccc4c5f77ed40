import { LINK_DELAY_MS } from './faulty-link.ts'
import { costOfLoss, type Figures, LIMIT, type Row } from './figures.ts'
import type { Quality } from './hearing.ts'

/** docs/quality.md. */
export function report(figures: Figures): string {
  const { commit, seed, seconds, whatsApp, withoutCopies, sip } = figures
  const clean = whatsApp[0]!
  const cost = (rows: readonly Row[]) => costOfLoss(clean, rows)
  const verdict = (rows: readonly Row[]) => (cost(rows) <= LIMIT ? 'within' : 'beyond')
  return `# Quality under loss, jitter and drift

Written by \`npm run quality\`: commit ${commit}, seed ${seed}, calls of ${seconds} s. Do not edit; run the command.

Each row is one call in virtual time through the product's own media: a SIP phone (PCMA, 20 ms), the gateway's two legs, and a WhatsApp
phone (MLow, 60 ms, SRTP, RTCP), the two phones with the same jitter buffer and concealment as the gateway. One of the two links has the
fault of the row, in both directions alike; each link takes ${LINK_DELAY_MS} ms besides. Relays are in memory, without DTLS.

- **STOI**: Taal's short-time objective intelligibility, from 0 to 1, of synthetic speech at 8 kHz, aligned anew each second. G.711 and
  MLow alone cost ${(1 - Math.min(clean.toWhatsApp.stoi, clean.fromWhatsApp.stoi)).toFixed(3)}.
- **concealed**: the share of the time for which sound was made up, in both jitter buffers on the way. Packets that were replaced by a
  copy do not count.
- **delay**: from a sound's being spoken to its being played, framing of 20 and 60 ms included: median of the seconds / 95th percentile.

**At 10 % loss STOI may be ${LIMIT} below that without loss.** On the WhatsApp link, as shipped, it is ${cost(whatsApp).toFixed(3)} below in the worse direction:
${verdict(whatsApp)} the limit. On the SIP link it is ${cost(sip).toFixed(3)}: ${verdict(sip)}. On the WhatsApp link without copies it is ${cost(withoutCopies).toFixed(3)}: ${verdict(withoutCopies)}.
Copies are what makes the difference there. They are sent to a peer that announces them or when the server names a level, once 5 % are lost
in the mean of the peer's last eight reports, twelve seconds
([0058](decisions/0058-copies-for-peers-that-announce-them.md)); whether real phones do the same towards us nobody could try yet.

**Left out of that limit**, with the row "without copies", are under the default \`redundancy: negotiated\`: peers whose accept has no capability
(the form with the key, as zapo and WaCalls answer; meowcaller), peers whose capability has bit 36 clear, calls of a server that names level 0,
and peers that speak ordinary Opus, which has redundancy of its own. \`redundancy: on-loss\` brings the first two in; a client that does
not look for copies would then hear noise under loss.

![STOI against loss](quality/loss.png)

## Faults on the WhatsApp link, as shipped

${table(whatsApp, true)}

![delay by condition](quality/delay.png)

![delay over time](quality/delay-over-time.png)

## Faults on the WhatsApp link, without copies

For a peer that does not announce copies, while the server names no level; also \`whatsapp.voice.redundancy: off\`.

${table(withoutCopies, false)}

## Faults on the SIP link

${table(sip, false)}
`
}

function table(rows: readonly Row[], copies: boolean): string {
  const columns = ['STOI', 'concealed', ...(copies ? ['copies used'] : []), 'delay, ms']
  const head = [
    'fault',
    ...columns.map((name) => `to WhatsApp: ${name}`),
    ...columns.map((name) => `from WhatsApp: ${name}`),
  ]
  const cells = ({ stoi, concealedPercent, recovered, delayMedianMs, delayP95Ms }: Quality) => [
    stoi.toFixed(3),
    `${concealedPercent.toFixed(1)} %`,
    ...(copies ? [String(recovered)] : []),
    `${delayMedianMs.toFixed(0)} / ${delayP95Ms.toFixed(0)}`,
  ]
  const lines = rows.map(({ name, toWhatsApp, fromWhatsApp }) => [name, ...cells(toWhatsApp), ...cells(fromWhatsApp)])
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...lines]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n')
}
