import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { guardListeners } from '../../../src/whatsapp/account/guard-listeners.ts'

describe('guarded listeners', () => {
  it('report what they throw and what they reject with, and the others still run, in order', async () => {
    const emitter = new EventEmitter()
    const ran: string[] = []
    const failures: unknown[] = []
    emitter.on('stanza', () => {
      throw new Error('thrown')
    })
    emitter.on('stanza', async (text: string) => {
      ran.push(text)
      await Promise.reject(new Error('rejected'))
    })
    emitter.on('stanza', (text: string) => void ran.push(`${text} too`))
    guardListeners(emitter, (event, error) => failures.push([event, (error as Error).message]))
    expect(emitter.emit('stanza', 'heard')).toBe(true)
    await new Promise(setImmediate)
    expect(ran).toEqual(['heard', 'heard too'])
    expect(failures).toEqual([
      ['stanza', 'thrown'],
      ['stanza', 'rejected'],
    ])
  })

  it('hear once what was to be heard once, and go when removed by name', () => {
    const emitter = new EventEmitter()
    let heard = 0
    emitter.once('open', () => heard++)
    guardListeners(emitter, () => {})
    emitter.emit('open')
    emitter.emit('open')
    expect(heard).toBe(1)
    emitter.removeAllListeners('open')
    expect(emitter.listenerCount('open')).toBe(0)
  })
})
