import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { ConfigError } from '../../base/errors.ts'
import { ladder } from '../../ops/trace/ladder.ts'
import { callsOf, parseTrace } from '../../ops/trace/traced-calls.ts'

export function traceCommand(): Command {
  return new Command('trace')
    .description('read traces written by run --trace or demo --trace')
    .addCommand(
      new Command('show')
        .description('print each call as a ladder diagram: SIP on the left, WhatsApp and the relays on the right')
        .argument('<file>', 'trace file')
        .option('--call <id>', 'only the call whose correlation id begins so')
        .action(show),
    )
}

function show(file: string, { call = '' }: { call?: string }): void {
  const calls = callsOf(parseTrace(contentOf(file))).filter(({ correlationId }) => correlationId.startsWith(call))
  if (calls.length === 0) throw new ConfigError('usage.call', `${file}: no such call in this trace`)
  console.log(calls.map(ladder).join('\n\n'))
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError('usage.file', `${file}: cannot be read (${code})`, {}, { cause })
  }
}
