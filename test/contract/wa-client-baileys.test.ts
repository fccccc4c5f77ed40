import { simAccount } from '../whatsapp/account/sim-account.ts'
import { simulatedBench } from './simulated-bench.ts'
import { waClientContract } from './wa-client.ts'

waClientContract('Baileys, against the simulator', async () => {
  const account = await simAccount()
  await account.pair()
  account.fromClient.length = 0
  return simulatedBench(account, account.makeClient(), account.clock, account.end)
})
