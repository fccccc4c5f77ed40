import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { Curve, proto } from 'baileys'
import { ProtocolError } from '../../base/errors.ts'
import type { NoiseIdentity } from './noise-certificates.ts'

/** Protocol name, exactly 32 bytes, so it is the first hash itself (Noise 34, section 5.2). */
const protocolName = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const tagBytes = 16

/**
 * The responder's half of Noise XX (revision 34, section 7.5) inside WhatsApp's `HandshakeMessage`, then the transport.
 * The three steps must come in this order: `hello`, `finish`, then `seal` and `open` as often as needed.
 */
export class NoiseResponder {
  readonly #identity: NoiseIdentity
  readonly #ephemeral = Curve.generateKeyPair()
  #hash: Buffer = protocolName
  #salt: Buffer = protocolName
  #key: Buffer = protocolName
  #counter = 0
  #sendKey: Buffer | undefined
  #receiveKey: Buffer | undefined
  #sent = 0
  #received = 0

  /** `prologue`: the four bytes with which the client opens the stream. */
  constructor(identity: NoiseIdentity, prologue: Uint8Array) {
    this.#identity = identity
    this.#mixHash(prologue)
  }

  /** → e. Returns ← e, ee, s, es with the certificates as payload. */
  hello(message: Uint8Array): Uint8Array {
    const client = decodeHandshake(message).clientHello?.ephemeral
    if (client?.length !== 32) throw new ProtocolError('noise.hello', 'client hello without a 32-byte ephemeral key')
    this.#mixHash(client)
    this.#mixHash(this.#ephemeral.public)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, client))
    const sealedStatic = this.#encryptAndHash(this.#identity.staticKey.public)
    this.#mixKey(Curve.sharedKey(this.#identity.staticKey.private, client))
    const payload = this.#encryptAndHash(this.#identity.certificateChain)
    const serverHello = { ephemeral: this.#ephemeral.public, static: sealedStatic, payload }
    return proto.HandshakeMessage.encode({ serverHello }).finish()
  }

  /** → s, se. Returns the client's static key and payload; from here on `seal` and `open` work. */
  finish(message: Uint8Array): { clientStatic: Uint8Array; payload: Uint8Array } {
    const finish = decodeHandshake(message).clientFinish
    if (!finish?.static || !finish.payload)
      throw new ProtocolError('noise.finish', 'client finish without key or payload')
    const clientStatic = this.#decryptAndHash(finish.static)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, clientStatic))
    const payload = this.#decryptAndHash(finish.payload)
    const [fromClient, toClient] = this.#derive(new Uint8Array(0))
    this.#receiveKey = fromClient
    this.#sendKey = toClient
    return { clientStatic, payload }
  }

  seal(plaintext: Uint8Array): Uint8Array {
    if (!this.#sendKey) throw new ProtocolError('noise.order', 'transport used before the handshake was over')
    return encrypt(this.#sendKey, this.#sent++, plaintext, new Uint8Array(0))
  }

  open(ciphertext: Uint8Array): Uint8Array {
    if (!this.#receiveKey) throw new ProtocolError('noise.order', 'transport used before the handshake was over')
    return decrypt(this.#receiveKey, this.#received++, ciphertext, new Uint8Array(0))
  }

  #encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed = encrypt(this.#key, this.#counter++, plaintext, this.#hash)
    this.#mixHash(sealed)
    return sealed
  }

  #decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plain = decrypt(this.#key, this.#counter++, ciphertext, this.#hash)
    this.#mixHash(ciphertext)
    return plain
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest()
  }

  #mixKey(input: Uint8Array): void {
    const [salt, key] = this.#derive(input)
    this.#salt = salt
    this.#key = key
    this.#counter = 0
  }

  #derive(input: Uint8Array): [Buffer, Buffer] {
    const bytes = Buffer.from(hkdfSync('sha256', input, this.#salt, '', 64))
    return [bytes.subarray(0, 32), bytes.subarray(32)]
  }
}

function decodeHandshake(message: Uint8Array): proto.HandshakeMessage {
  try {
    return proto.HandshakeMessage.decode(message)
  } catch (cause) {
    throw new ProtocolError('noise.malformed', 'handshake message is not readable', {}, { cause })
  }
}

/** 96-bit nonce: 32 zero bits, then the counter big-endian (Noise 34, section 12.4). */
function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  return iv
}

function encrypt(key: Uint8Array, counter: number, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter)).setAAD(associated)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Uint8Array, counter: number, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  if (sealed.length < tagBytes)
    throw new ProtocolError('noise.short', `sealed message of ${sealed.length} bytes, 16 needed`)
  const body = sealed.subarray(0, sealed.length - tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter)).setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch (cause) {
    throw new ProtocolError('noise.forged', 'message does not authenticate', {}, { cause })
  }
}
