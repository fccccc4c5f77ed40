/** Run as a program: makes libsignal close a session, with or without our client imported, among lines of our own. */
if (process.argv[2] === 'silenced') await import('../../../src/whatsapp/account/baileys-client.ts')
const { memoryParty } = await import('./signal-party.ts')

const alice = memoryParty()
const bob = memoryParty()
console.log('first line of ours')
for (const preKeyId of [1, 2]) {
  await alice.repository.injectE2ESession({ jid: '100:2@lid', session: await bob.bundle(preKeyId) })
}
console.info('Closing session: of a different kind', { ours: true })
console.warn({ last: 'line of ours' })
// The caches of the library keep the process alive.
process.exit(0)
