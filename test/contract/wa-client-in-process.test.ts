import { VirtualClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { InProcessClient } from '../../src/cli/scenario/in-process-client.ts'
import { Companion } from '../../src/sim/phone/companion.ts'
import { simNetwork } from '../whatsapp/account/sim-network.ts'
import { simulatedBench } from './simulated-bench.ts'
import { waClientContract } from './wa-client.ts'

waClientContract('in the process of the simulator', async () => {
  const clock = new VirtualClock()
  const network = simNetwork(clock)
  const companion = new Companion(network.sim, network.owner, clock)
  const client = new InProcessClient({ companion, clock, random: seededRandom(1) })
  const end = async () => {
    await client.stop()
    network.sim.close()
    companion.close()
  }
  return simulatedBench(network, client, clock, end)
})
