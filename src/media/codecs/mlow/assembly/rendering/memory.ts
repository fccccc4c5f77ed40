// Where everything lies in the memory of the rendering module. Addresses are constants, values 64-bit floats unless
// said otherwise. Static data of the compiler comes behind 64 KiB (scripts/build-kernels.mjs).

export function at(pointer: usize, index: i32): usize {
  return pointer + ((<usize>index) << 3)
}

export const FRAME: i32 = 320
export const LONGEST_SUBFRAME: i32 = 160

/** What carries over from packet to packet: the decoder puts it here before a call and takes it away after it. */
export const STATE: usize = 1024
/** State of the random generator, an integer. */
export const SEED: usize = STATE
export const LAST_ENVELOPE: usize = STATE + 8
export const ENVELOPE_STATE: usize = STATE + 16
/** 1 or 0. */
export const PREVIOUS_VOICED: usize = STATE + 24
export const SINCE_UNVOICED: usize = STATE + 32
/** Three values. */
export const CORRELATION: usize = STATE + 40
/** Two values each, the older first. */
export const SHAPE_MEMORY: usize = STATE + 64
export const VOICED_MEMORY: usize = STATE + 80
/** Input, output. */
export const UNVOICED_MEMORY: usize = STATE + 96
export const PULSE_INPUT: usize = STATE + 112
export const PULSE_OUTPUT: usize = STATE + 120
export const TILT_INPUT: usize = STATE + 128
/** Mean lag of the last frame plus 1: 0 before the first frame, 1 unvoiced. */
export const HIGHPASS_LAG: usize = STATE + 136
export const INTEGRATOR: usize = STATE + 144
export const DIFFERENTIATOR: usize = STATE + 152
/** Two inputs, then two outputs of the biquad, newest first. */
export const BIQUAD_MEMORY: usize = STATE + 160
/** Numerator 0 .. 2, denominator 1 .. 2. */
export const BIQUAD: usize = STATE + 192
export const COMB_LAG: usize = STATE + 232
/** 1 while the comb's low-pass still rings, else 0. */
export const COMB_RINGS: usize = STATE + 240
/** Three taps that shape the voiced noise. */
export const TAPS: usize = STATE + 248
/** Half of the comb's symmetric low-pass: 9 values. */
export const COMB_KERNEL: usize = STATE + 272
/** The last 16 outputs of the synthesis filter, the newest last. */
export const FILTER_MEMORY: usize = STATE + 352
/** Input of the comb's low-pass: 16 values. */
export const COMB_MEMORY: usize = STATE + 480
/** Integrated input of the last frame: 320 values. */
export const HIGHPASS_PAST: usize = STATE + 608
/** Input of the comb: 360 values. */
export const COMB_PAST: usize = STATE + 3168
/** Past excitation: 336 values. */
export const PAST: usize = STATE + 6048
export const STATE_VALUES: i32 = 1092

/** The excitation of a frame follows its past. */
export const NOW: usize = STATE + 8736

/** Parameters of a call: bitrate, level of a repetition. */
export const BITRATE: usize = 12352
export const LEVEL: usize = BITRATE + 8
/** Eight values for each subframe: pulses, their gain, energy, centre gain, side gain. */
export const SUBFRAMES: usize = BITRATE + 64
export const SUBFRAME_BYTES: usize = 64
export const PULSES: usize = 0
export const GAIN: usize = 8
export const ENERGY: usize = 16
export const CENTRE: usize = 24
export const SIDE: usize = 32
/** Lag indices of a frame, half samples above 32: 8 values. */
export const LAG_INDEX: usize = BITRATE + 320
/** Lags of a packet in samples: 24 values. */
export const LAGS: usize = BITRATE + 384
/** LSF vectors of the four subframes in single precision. */
export const LSF: usize = BITRATE + 576
export const LSF_BYTES: usize = 64

/** Pulses of a frame, then its excitation: 320 values. */
export const EXCITATION: usize = 13312
/** A packet between synthesis and postfilters: 960 values, with room in front for what a filter looks back on. */
export const SIGNAL: usize = 19200
/** Decoded samples of a packet in single precision: 960 values. */
export const PCM: usize = 27136

/** Tables, written once by core-renderer.ts. */
export const TABLES: usize = 31232
/** Half of the symmetric kernel: 8 values. */
export const LTP_KERNEL: usize = TABLES
/** 3 x 16 values. */
export const NOISE_COSINES: usize = TABLES + 64
/** 3 values. */
export const VOICED_NOISE_FIR: usize = TABLES + 448
/** Low rate: 3 and 2 values. */
export const PULSE_SHAPER: usize = TABLES + 472
export const TILT: usize = TABLES + 496
/** Pole angle, pole radius and zero angle of the high-pass: 2 + 2 + 1 values for voiced, the same for unvoiced frames. */
export const HIGHPASS_DESIGN: usize = TABLES + 512
/** 25 rows of the first 9 of 17 symmetric taps. */
export const COMB_KERNELS: usize = TABLES + 592
/** 320 values. */
export const CROSSFADE: usize = TABLES + 2392
/** 129 values and one more. */
export const COSINES: usize = TABLES + 4952
/** 16 values. */
export const COSINE_SLOTS: usize = TABLES + 5992
/** Boost of high frequencies at the lowest and at the highest bitrate. */
export const HIGH_BOOST: usize = TABLES + 6120

/** Buffers of a call. */
const SCRATCH: usize = 37376
export const SIDES: usize = SCRATCH
export const INTERPOLATED: usize = SCRATCH + 1280
/** Two values in front of both for what a filter looks back on. */
export const VOICED_PART: usize = SCRATCH + 1680
export const SHAPED_PART: usize = SCRATCH + 2992
export const UNVOICED_PART: usize = SCRATCH + 4288
export const ENVELOPE: usize = SCRATCH + 5584
export const SPECTRUM: usize = SCRATCH + 6880
export const LPC: usize = SCRATCH + 7024
export const POLYNOMIALS: usize = SCRATCH + 7424
export const STEP_DOWN: usize = SCRATCH + 7584
export const KNOWN_LSF: usize = SCRATCH + 7728
export const INTEGRATED: usize = SCRATCH + 7808
export const FADED_IN: usize = SCRATCH + 10384
export const FADED_OUT: usize = SCRATCH + 12944
export const NEIGHBOURS: usize = SCRATCH + 15504
export const CORRECTION: usize = SCRATCH + 15824
