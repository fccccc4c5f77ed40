import { raisePriority } from '../../src/cli/priority.ts'
import { watchHandles } from './open-handles.ts'

// As `tandem run` does: these tests listen to calls, and a machine that does other work is heard as gaps.
raisePriority()
watchHandles()
