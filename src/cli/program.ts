import { Command } from 'commander'
import { TandemError } from '../base/errors.ts'
import type { WhatsAppPlace } from '../gateway/open-account.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { mlowCommand } from './commands/mlow.ts'
import { pairCommand } from './commands/pair.ts'
import { runCommand } from './commands/run.ts'
import { scenariosCommand } from './commands/scenarios.ts'
import { traceCommand } from './commands/trace.ts'
import { version } from './version.ts'

/** Bad input or configuration; 1 is for everything else that fails. */
const EXIT_USAGE = 2

/** Runs the command that the arguments name. `place` is where WhatsApp is, when it is not WhatsApp itself. */
export async function runProgram(place?: WhatsAppPlace): Promise<void> {
  const program = new Command('tandem')
    .description('SIP-to-WhatsApp telephony gateway')
    .version(version())
    .showHelpAfterError('(--help says what can be used)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  const commands = [
    runCommand(place),
    demoCommand(),
    pairCommand(place),
    doctorCommand(),
    mlowCommand(),
    traceCommand(),
    scenariosCommand(),
  ]
  for (const command of commands) add(program, command)
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof TandemError)) throw error
    console.error(error.message)
    process.exitCode = error.code.startsWith('config.') || error.code.startsWith('usage.') ? EXIT_USAGE : 1
  }
}

/** A command takes over how errors end the process, and so do its subcommands. */
function add(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent)
  for (const subcommand of command.commands) subcommand.copyInheritedSettings(parent)
  parent.addCommand(command)
}
