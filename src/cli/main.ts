#!/usr/bin/env node
import { Command } from 'commander'
import { TandemError } from '../base/errors.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { mlowCommand } from './commands/mlow.ts'
import { pairCommand } from './commands/pair.ts'
import { runCommand } from './commands/run.ts'
import { version } from './version.ts'

/** Bad input or configuration; 1 is for everything else that fails. */
const EXIT_USAGE = 2

const program = new Command('tandem')
  .description('SIP-to-WhatsApp telephony gateway')
  .version(version())
  .showHelpAfterError('(tandem --help lists the commands)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .addCommand(runCommand())
  .addCommand(demoCommand())
  .addCommand(pairCommand())
  .addCommand(doctorCommand())
  .addCommand(mlowCommand())

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof TandemError)) throw error
  console.error(error.message)
  process.exitCode = error.code.startsWith('config.') || error.code.startsWith('usage.') ? EXIT_USAGE : 1
}
