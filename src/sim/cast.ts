import type { PhonePlan } from './simulator.ts'

/**
 * The people on a simulated network that has nobody special: one for each way a call can go. The numbers are ones that
 * Germany's regulator keeps for films and the like.
 */
export interface CastMember extends PhonePlan {
  /** For a person who wonders whom to dial. */
  readonly does: string
}

/** Whose account the gateway is paired with. */
export const accountOwner: CastMember = {
  name: 'owner',
  number: '491713920000',
  does: 'is the account of the gateway; rings along and does not answer',
}

export const cast: readonly CastMember[] = [
  {
    name: 'echo',
    number: '491713920001',
    does: 'answers and says back what it hears',
    behaviour: { voice: 'echo' },
  },
  {
    name: 'talker',
    number: '491713920002',
    does: 'answers and speaks',
    behaviour: { voice: 'speech' },
  },
  {
    name: 'recorder',
    number: '491713920003',
    does: 'answers, listens and says nothing',
    behaviour: { voice: 'silence' },
  },
  {
    name: 'busy',
    number: '491713920004',
    devices: 2,
    does: 'is busy on both devices',
    behaviour: { onCall: 'busy' },
  },
  {
    name: 'declines',
    number: '491713920005',
    devices: 2,
    does: 'declines on one of two devices',
    behaviour: { onCall: 'declines' },
  },
  {
    name: 'never',
    number: '491713920006',
    does: 'rings and never answers',
    behaviour: { onCall: 'ignores' },
  },
  {
    name: 'second-device',
    number: '491713920007',
    devices: 3,
    does: 'answers on the second of three devices and speaks',
    behaviour: { takenOn: 1, voice: 'speech' },
  },
  {
    name: 'hangs-up',
    number: '491713920008',
    does: 'answers, speaks and hangs up after five seconds',
    behaviour: { voice: 'speech', hangsUpAfterMs: 5000 },
  },
  {
    name: 'calls-back',
    number: '491713920009',
    does: 'declines, calls back two seconds later and speaks',
    behaviour: { onCall: 'declines', callsBackAfterMs: 2000, voice: 'speech' },
  },
]
