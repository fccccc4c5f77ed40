/** The longest payload kept: an Ethernet frame less IP, UDP and RTP headers. */
export const MAX_PAYLOAD_BYTES = 1460

const EMPTY = -1

export interface StoredPacket {
  /** Extended sequence number, -1 when never used. */
  sequence: number
  /** False once it has been taken out; the number stays, to tell a duplicate from a late packet. */
  waiting: boolean
  /** Extended timestamp. */
  timestamp: number
  payloadType: number
  length: number
  readonly bytes: Uint8Array
}

/** A ring of packets indexed by sequence number. All memory is taken at the start. */
export class PacketStore {
  readonly capacity: number
  readonly #slots: readonly StoredPacket[]
  /** How many packets wait. */
  waiting = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#slots = Array.from({ length: capacity }, () => ({
      sequence: EMPTY,
      waiting: false,
      timestamp: 0,
      payloadType: 0,
      length: 0,
      bytes: new Uint8Array(MAX_PAYLOAD_BYTES),
    }))
  }

  /** Whether this very packet is here or was taken out of here. */
  has(sequence: number): boolean {
    return this.#slot(sequence).sequence === sequence
  }

  /** The slot for a packet, marked as waiting; the caller fills in the rest. */
  place(sequence: number): StoredPacket {
    const slot = this.#slot(sequence)
    if (!slot.waiting) this.waiting++
    slot.sequence = sequence
    slot.waiting = true
    return slot
  }

  /** The first waiting packet at or after `sequence`. */
  firstFrom(sequence: number): StoredPacket | undefined {
    if (this.waiting === 0) return undefined
    for (let i = 0; i < this.capacity; i++) {
      const slot = this.#slot(sequence + i)
      if (slot.waiting && slot.sequence === sequence + i) return slot
    }
    return undefined
  }

  release(slot: StoredPacket): void {
    if (!slot.waiting) return
    slot.waiting = false
    this.waiting--
  }

  clear(): void {
    for (const slot of this.#slots) {
      slot.sequence = EMPTY
      slot.waiting = false
    }
    this.waiting = 0
  }

  #slot(sequence: number): StoredPacket {
    return this.#slots[sequence % this.capacity]!
  }
}
