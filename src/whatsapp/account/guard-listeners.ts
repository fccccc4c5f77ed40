import type { EventEmitter } from 'node:events'

type Listener = (...args: unknown[]) => unknown

/**
 * The library's stanza handlers are async functions on a plain emitter: one that fails, for example because the
 * connection went away under it or a frame does not decrypt, is an unhandled rejection and ends the process.
 * This puts a catch around every listener present; `onFailure` hears which event failed.
 */
export function guardListeners(emitter: EventEmitter, onFailure: (event: string, error: unknown) => void): void {
  for (const name of emitter.eventNames()) {
    const listeners = emitter.rawListeners(name) as Listener[]
    emitter.removeAllListeners(name)
    for (const listener of listeners) emitter.on(name, guarded(emitter, String(name), listener, onFailure))
  }
}

function guarded(
  emitter: EventEmitter,
  event: string,
  listener: Listener,
  onFailure: (event: string, error: unknown) => void,
): Listener {
  return (...args) => {
    try {
      const result = listener.apply(emitter, args)
      if (result instanceof Promise) result.catch((error: unknown) => onFailure(event, error))
    } catch (error) {
      onFailure(event, error)
    }
  }
}
