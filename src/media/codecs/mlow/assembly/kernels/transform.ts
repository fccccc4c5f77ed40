// Stages of a self-sorting Fourier transform; their user: ../../real-fft.ts.
import { at, PAIR } from './pairs'

/** First stage of a transform: radix 4, stride 1; `twiddle` has three complex factors per block. */
export function radix4First(blocks: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = blocks << 3
  for (let k = 0; k < blocks; k++) {
    const pr = at(xr, k)
    const pi = at(xi, k)
    const x0r = load<f64>(pr)
    const x1r = load<f64>(pr + step)
    const x2r = load<f64>(pr + 2 * step)
    const x3r = load<f64>(pr + 3 * step)
    const x0i = load<f64>(pi)
    const x1i = load<f64>(pi + step)
    const x2i = load<f64>(pi + 2 * step)
    const x3i = load<f64>(pi + 3 * step)
    const s02r = x0r + x2r
    const s02i = x0i + x2i
    const d02r = x0r - x2r
    const d02i = x0i - x2i
    const s13r = x1r + x3r
    const s13i = x1i + x3i
    const d13r = x1r - x3r
    const d13i = x1i - x3i
    const r1 = d02r + d13i
    const i1 = d02i - d13r
    const r2 = s02r - s13r
    const i2 = s02i - s13i
    const r3 = d02r - d13i
    const i3 = d02i + d13r
    const w = at(twiddle, 6 * k)
    const w1r = load<f64>(w)
    const w1i = load<f64>(w, 8)
    const w2r = load<f64>(w, 16)
    const w2i = load<f64>(w, 24)
    const w3r = load<f64>(w, 32)
    const w3i = load<f64>(w, 40)
    const qr = at(yr, 4 * k)
    const qi = at(yi, 4 * k)
    store<f64>(qr, s02r + s13r)
    store<f64>(qi, s02i + s13i)
    store<f64>(qr, r1 * w1r - i1 * w1i, 8)
    store<f64>(qi, r1 * w1i + i1 * w1r, 8)
    store<f64>(qr, r2 * w2r - i2 * w2i, 16)
    store<f64>(qi, r2 * w2i + i2 * w2r, 16)
    store<f64>(qr, r3 * w3r - i3 * w3i, 24)
    store<f64>(qi, r3 * w3i + i3 * w3r, 24)
  }
}

function storeTurned(yr: usize, yi: usize, r: v128, i: v128, wr: v128, wi: v128): void {
  v128.store(yr, f64x2.sub(f64x2.mul(r, wr), f64x2.mul(i, wi)))
  v128.store(yi, f64x2.add(f64x2.mul(r, wi), f64x2.mul(i, wr)))
}

/** Later stages; `stride` is even. */
export function radix4(blocks: i32, stride: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = (blocks * stride) << 3
  const row = stride << 3
  for (let k = 0; k < blocks; k++) {
    const w = at(twiddle, 6 * k)
    const w1r = v128.load64_splat(w)
    const w1i = v128.load64_splat(w, 8)
    const w2r = v128.load64_splat(w, 16)
    const w2i = v128.load64_splat(w, 24)
    const w3r = v128.load64_splat(w, 32)
    const w3i = v128.load64_splat(w, 40)
    let pr = at(xr, k * stride)
    let pi = at(xi, k * stride)
    let qr = at(yr, 4 * k * stride)
    let qi = at(yi, 4 * k * stride)
    for (let q = 0; q < stride; q += 2, pr += PAIR, pi += PAIR, qr += PAIR, qi += PAIR) {
      const x0r = v128.load(pr)
      const x1r = v128.load(pr + step)
      const x2r = v128.load(pr + 2 * step)
      const x3r = v128.load(pr + 3 * step)
      const x0i = v128.load(pi)
      const x1i = v128.load(pi + step)
      const x2i = v128.load(pi + 2 * step)
      const x3i = v128.load(pi + 3 * step)
      const s02r = f64x2.add(x0r, x2r)
      const s02i = f64x2.add(x0i, x2i)
      const d02r = f64x2.sub(x0r, x2r)
      const d02i = f64x2.sub(x0i, x2i)
      const s13r = f64x2.add(x1r, x3r)
      const s13i = f64x2.add(x1i, x3i)
      const d13r = f64x2.sub(x1r, x3r)
      const d13i = f64x2.sub(x1i, x3i)
      v128.store(qr, f64x2.add(s02r, s13r))
      v128.store(qi, f64x2.add(s02i, s13i))
      storeTurned(qr + row, qi + row, f64x2.add(d02r, d13i), f64x2.sub(d02i, d13r), w1r, w1i)
      storeTurned(qr + 2 * row, qi + 2 * row, f64x2.sub(s02r, s13r), f64x2.sub(s02i, s13i), w2r, w2i)
      storeTurned(qr + 3 * row, qi + 3 * row, f64x2.sub(d02r, d13i), f64x2.add(d02i, d13r), w3r, w3i)
    }
  }
}

export function radix3(blocks: i32, stride: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = (blocks * stride) << 3
  const row = stride << 3
  const half = f64x2.splat(0.5)
  const sin60 = f64x2.splat(0.8660254037844386)
  for (let k = 0; k < blocks; k++) {
    const w = at(twiddle, 4 * k)
    const w1r = v128.load64_splat(w)
    const w1i = v128.load64_splat(w, 8)
    const w2r = v128.load64_splat(w, 16)
    const w2i = v128.load64_splat(w, 24)
    let pr = at(xr, k * stride)
    let pi = at(xi, k * stride)
    let qr = at(yr, 3 * k * stride)
    let qi = at(yi, 3 * k * stride)
    for (let q = 0; q < stride; q += 2, pr += PAIR, pi += PAIR, qr += PAIR, qi += PAIR) {
      const x0r = v128.load(pr)
      const x1r = v128.load(pr + step)
      const x2r = v128.load(pr + 2 * step)
      const x0i = v128.load(pi)
      const x1i = v128.load(pi + step)
      const x2i = v128.load(pi + 2 * step)
      const sr = f64x2.add(x1r, x2r)
      const si = f64x2.add(x1i, x2i)
      const dr = f64x2.mul(sin60, f64x2.sub(x1r, x2r))
      const di = f64x2.mul(sin60, f64x2.sub(x1i, x2i))
      const mr = f64x2.sub(x0r, f64x2.mul(half, sr))
      const mi = f64x2.sub(x0i, f64x2.mul(half, si))
      v128.store(qr, f64x2.add(x0r, sr))
      v128.store(qi, f64x2.add(x0i, si))
      storeTurned(qr + row, qi + row, f64x2.add(mr, di), f64x2.sub(mi, dr), w1r, w1i)
      storeTurned(qr + 2 * row, qi + 2 * row, f64x2.sub(mr, di), f64x2.add(mi, dr), w2r, w2i)
    }
  }
}

export function radix2(blocks: i32, stride: i32, twiddle: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = (blocks * stride) << 3
  const row = stride << 3
  for (let k = 0; k < blocks; k++) {
    const w = at(twiddle, 2 * k)
    const wr = v128.load64_splat(w)
    const wi = v128.load64_splat(w, 8)
    let pr = at(xr, k * stride)
    let pi = at(xi, k * stride)
    let qr = at(yr, 2 * k * stride)
    let qi = at(yi, 2 * k * stride)
    for (let q = 0; q < stride; q += 2, pr += PAIR, pi += PAIR, qr += PAIR, qi += PAIR) {
      const x0r = v128.load(pr)
      const x1r = v128.load(pr + step)
      const x0i = v128.load(pi)
      const x1i = v128.load(pi + step)
      v128.store(qr, f64x2.add(x0r, x1r))
      v128.store(qi, f64x2.add(x0i, x1i))
      storeTurned(qr + row, qi + row, f64x2.sub(x0r, x1r), f64x2.sub(x0i, x1i), wr, wi)
    }
  }
}
