import { Curve, proto } from 'baileys'

export interface NoiseRoot {
  /** X25519 public key (32 bytes) that signs the intermediate certificate: what a client has to be told of. */
  readonly publicKey: Uint8Array
  readonly serial: number
}

export interface NoiseIdentity {
  readonly root: NoiseRoot
  /** The server's static Noise key. */
  readonly staticKey: { readonly public: Uint8Array; readonly private: Uint8Array }
  /** Encoded `CertChain`: root → intermediate → leaf (the static key). */
  readonly certificateChain: Uint8Array
}

const rootSerial = 0
const intermediateSerial = 1
const leafSerial = 2

/** A fresh chain of trust of the form WhatsApp's clients check (docs/protocol/server.md, "Noise"). */
export function makeNoiseIdentity(): NoiseIdentity {
  const root = Curve.generateKeyPair()
  const intermediate = Curve.generateKeyPair()
  const staticKey = Curve.generateKeyPair()
  const chain = proto.CertChain.encode({
    intermediate: certificate(
      { serial: intermediateSerial, issuerSerial: rootSerial, key: intermediate.public },
      root.private,
    ),
    leaf: certificate(
      { serial: leafSerial, issuerSerial: intermediateSerial, key: staticKey.public },
      intermediate.private,
    ),
  }).finish()
  return { root: { publicKey: root.public, serial: rootSerial }, staticKey, certificateChain: chain }
}

function certificate(fields: proto.CertChain.NoiseCertificate.IDetails, signingKey: Uint8Array) {
  const details = proto.CertChain.NoiseCertificate.Details.encode(fields).finish()
  return { details, signature: Curve.sign(signingKey, details) }
}
