/** One ring: on and off times in milliseconds, on first, repeated; the sum of sines at these frequencies while on. */
export interface RingbackCadence {
  readonly frequenciesHz: readonly number[]
  readonly cadenceMs: readonly number[]
}

/**
 * Ring tones by ISO 3166 country. Origin: the table of the various tones used in national networks, ITU-T E.180
 * Supplement 2 (and its yearly list in the ITU Operational Bulletin). Where a tone is modulated (IN, JP), its carrier stands here.
 */
export const RINGBACK_TONES = {
  AT: { frequenciesHz: [420], cadenceMs: [1000, 5000] },
  AU: { frequenciesHz: [400, 450], cadenceMs: [400, 200, 400, 2000] },
  BR: { frequenciesHz: [425], cadenceMs: [1000, 4000] },
  CH: { frequenciesHz: [425], cadenceMs: [1000, 4000] },
  DE: { frequenciesHz: [425], cadenceMs: [1000, 4000] },
  ES: { frequenciesHz: [425], cadenceMs: [1500, 3000] },
  FR: { frequenciesHz: [440], cadenceMs: [1500, 3500] },
  GB: { frequenciesHz: [400, 450], cadenceMs: [400, 200, 400, 2000] },
  IN: { frequenciesHz: [400], cadenceMs: [400, 200, 400, 2000] },
  IT: { frequenciesHz: [425], cadenceMs: [1000, 4000] },
  JP: { frequenciesHz: [400], cadenceMs: [1000, 2000] },
  MX: { frequenciesHz: [425], cadenceMs: [1000, 4000] },
  NL: { frequenciesHz: [425], cadenceMs: [1000, 4000] },
  US: { frequenciesHz: [440, 480], cadenceMs: [2000, 4000] },
} as const satisfies Readonly<Record<string, RingbackCadence>>

export type RingbackCountry = keyof typeof RINGBACK_TONES
