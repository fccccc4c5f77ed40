import type { SipCore } from '../core.ts'
import { formatUri, over, parseUri, requestUriOf } from '../message/uri.ts'
import type { Bindings } from '../registration/bindings.ts'
import type { Qualifier, QualifySubject } from '../registration/qualifier.ts'
import type { RegisteredContact, TrunkStatus } from '../sip-engine.ts'
import type { Trunks } from './call-targets.ts'

const trunkKey = (name: string) => `trunk ${name}`

export function contactKey({ username, uri }: RegisteredContact): string {
  return `contact ${username} ${uri}`
}

/** Everybody whom calls may go to. */
export function* qualifySubjects(core: SipCore, trunks: Trunks, bindings: Bindings): Iterable<QualifySubject> {
  for (const [name, { target, transport }] of trunks.staticTrunks) {
    if (target === undefined) continue
    const uri = parseUri(`sip:${target}`)
    yield {
      key: trunkKey(name),
      uri: formatUri(uri),
      routes: [],
      targets: (found) => core.locator.targetsOf(over(uri, transport), found),
      mustAnswer: true,
    }
  }
  for (const client of trunks.registrations.values()) {
    if (client.state !== 'registered') continue
    const { routes, aor, registrar } = client
    const uri = formatUri({ ...aor, user: undefined, port: registrar.port })
    yield { key: trunkKey(client.name), uri, routes, targets: (found) => client.targets(found), mustAnswer: false }
  }
  for (const contact of bindings.all()) {
    const targets: QualifySubject['targets'] = (found) => core.locator.targetsOfContact(contact, found)
    yield { key: contactKey(contact), uri: requestUriOf(contact.uri), routes: contact.path, targets, mustAnswer: false }
  }
}

export function trunkStatus(trunks: Trunks, qualifier: Qualifier): readonly TrunkStatus[] {
  const registrations = [...trunks.registrations.values()].map(({ name, state }): TrunkStatus => {
    const found = qualifier.of(trunkKey(name))
    const isLost = state === 'registered' && found.state === 'unreachable'
    return { name, ...found, state: isLost ? found.state : state, isReady: state === 'registered' && !isLost }
  })
  const statics = [...trunks.staticTrunks.keys()].map((name): TrunkStatus => {
    const found = qualifier.of(trunkKey(name))
    return { name, ...found, isReady: found.state !== 'unreachable' }
  })
  return [...registrations, ...statics]
}
