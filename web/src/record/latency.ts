// How late a sound comes back through speaker and microphone: a sweep is played some times and found again. Pure.

const LOW_HZ = 600;
const HIGH_HZ = 6000;
const SWEEP_S = 0.12;
export const GAP_S = 0.7; // from one sweep to the next: longer than any latency that is looked for
export const SWEEPS = 4;
const CLEAR = 3; // the echo must stand out this much from everything that is not near it
const NEAR_S = 0.004; // a room's first reflections
const LONGEST_S = 0.5;

/** A sweep that a telephone's speaker can play and any microphone hears, fading in and out. */
export function sweep(sampleRate: number): Float32Array {
  const frames = Math.round(SWEEP_S * sampleRate);
  const rise = Math.log(HIGH_HZ / LOW_HZ);
  return Float32Array.from({ length: frames }, (_, i) => {
    const at = i / frames;
    const phase = ((2 * Math.PI * LOW_HZ * SWEEP_S) / rise) * (Math.exp(rise * at) - 1);
    return 0.5 * Math.sin(Math.PI * at) ** 2 * Math.sin(phase);
  });
}

/** All sweeps in a row, each followed by silence. */
export function train(sampleRate: number): Float32Array {
  const sound = new Float32Array(Math.round(SWEEPS * GAP_S * sampleRate));
  for (let i = 0; i < SWEEPS; i++) sound.set(sweep(sampleRate), Math.round(i * GAP_S * sampleRate));
  return sound;
}

/** Seconds from playing to hearing, or null when the sweeps cannot be told from the noise. `recorded` begins with the first. */
export function latencyOf(recorded: Float32Array, sampleRate: number): number | null {
  const gap = Math.round(GAP_S * sampleRate);
  const sum = new Float32Array(gap); // what is the same each time adds up, noise does not
  for (let i = 0; i < Math.min(recorded.length, SWEEPS * gap); i++)
    sum[i % gap] = (sum[i % gap] as number) + (recorded[i] as number);
  const looked = sweep(sampleRate);
  const lags = Math.min(Math.round(LONGEST_S * sampleRate), gap - looked.length);
  const found = new Float32Array(Math.max(lags, 0));
  for (let lag = 0; lag < found.length; lag++) {
    let product = 0;
    for (let i = 0; i < looked.length; i++) product += (looked[i] as number) * (sum[lag + i] as number);
    found[lag] = Math.abs(product);
  }
  const best = found.reduce((most, value, lag) => (value > (found[most] as number) ? lag : most), 0);
  const near = NEAR_S * sampleRate;
  const rest = found.reduce((most, value, lag) => (Math.abs(lag - best) > near ? Math.max(most, value) : most), 0);
  return found.length && (found[best] as number) > CLEAR * rest && rest >= 0 && (found[best] as number) > 0
    ? best / sampleRate
    : null;
}
