import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { ConfigError } from '../../base/errors.ts'
import { ladder, ladderOfOthers } from '../../ops/trace/ladder.ts'
import { parseTrace, sortedByCall } from '../../ops/trace/traced-calls.ts'

export function traceCommand(): Command {
  return new Command('trace')
    .description('read traces written by run --trace or demo --trace')
    .addCommand(
      new Command('show')
        .description(
          'print what belongs to no call, and each call, as a ladder diagram: SIP on the left, WhatsApp and the relays on the right',
        )
        .argument('<file>', 'trace file')
        .option('--call <id>', 'only the call whose correlation id begins so')
        .action(show),
    )
}

function show(file: string, { call }: { call?: string }): void {
  const { calls, others } = sortedByCall(parseTrace(contentOf(file)))
  if (call === undefined) {
    const outside = others.length > 0 ? [ladderOfOthers(others)] : []
    console.log([...outside, ...calls.map(ladder)].join('\n\n'))
    return
  }
  const wanted = calls.filter(({ correlationId }) => correlationId.startsWith(call))
  if (wanted.length === 0) throw new ConfigError('usage.call', `${file}: no such call in this trace`)
  console.log(wanted.map(ladder).join('\n\n'))
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError('usage.file', `${file}: cannot be read (${code})`, {}, { cause })
  }
}
