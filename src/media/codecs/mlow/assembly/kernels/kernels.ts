// Inner loops of the encoder in AssemblyScript with 128-bit SIMD. Each has a twin in plain TypeScript
// (test/media/codecs/mlow/kernel-twins.ts) that says the same more slowly. No function keeps anything between calls.
// Built by `npm run build:kernels`.

export { fir, synthesise } from './filters'
export { bestSum, correlateLags, doubleResolution, maxima, meanEnergies, windowRoots } from './pitch'
export { schur } from './prediction'
export { multiplyRows } from './products'
export { addBestPulses, addSigned, bestPulse } from './pulses'
export { radix2, radix3, radix4, radix4First } from './transform'
