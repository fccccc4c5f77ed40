import { calls, loss, memory, registrations } from './tmp-sip.ts'

for (const [name, run] of Object.entries({ calls, loss, memory, registrations })) {
  try {
    console.log(name, JSON.stringify(await run()))
  } catch (error) {
    console.log(name, String(error).slice(0, 150))
  }
}
