// What equalizer bands do to a spectrum, for drawing (RBJ, Audio EQ Cookbook); the sound itself is the core's.

export type Kind = "highpass" | "low_shelf" | "bell" | "high_shelf";

export interface Band {
  readonly kind: Kind;
  readonly frequencyHz: number;
  readonly gainDb: number;
  readonly q: number;
}

type Section = readonly [b0: number, b1: number, b2: number, a0: number, a1: number, a2: number];

/** Response in dB of bands in series at frequencies in Hz. */
export function responseDb(bands: readonly Band[], sampleRate: number, hz: readonly number[]): number[] {
  const sections = bands.map((band) => design(band, sampleRate));
  return hz.map((at) =>
    sections.reduce((sum, section) => sum + magnitudeDb(section, (2 * Math.PI * at) / sampleRate), 0),
  );
}

function magnitudeDb([b0, b1, b2, a0, a1, a2]: Section, w: number): number {
  const power = (c0: number, c1: number, c2: number): number =>
    (c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w)) ** 2 + (c1 * Math.sin(w) + c2 * Math.sin(2 * w)) ** 2;
  return 10 * Math.log10(power(b0, b1, b2) / power(a0, a1, a2));
}

function design({ kind, frequencyHz, gainDb, q }: Band, sampleRate: number): Section {
  const w = (2 * Math.PI * Math.min(frequencyHz, 0.49 * sampleRate)) / sampleRate;
  const [cos, alpha, a] = [Math.cos(w), Math.sin(w) / (2 * q), 10 ** (gainDb / 40)];
  if (kind === "bell") return [1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a];
  if (kind === "highpass") return [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha];
  const sign = kind === "low_shelf" ? 1 : -1;
  const [k, beta] = [sign * cos, 2 * Math.sqrt(a) * alpha];
  return [
    a * (a + 1 - (a - 1) * k + beta),
    sign * 2 * a * (a - 1 - (a + 1) * k),
    a * (a + 1 - (a - 1) * k - beta),
    a + 1 + (a - 1) * k + beta,
    sign * -2 * (a - 1 + (a + 1) * k),
    a + 1 + (a - 1) * k - beta,
  ];
}

/** Level out of a compressor without makeup for a level in, dB; the knee is a parabola (Giannoulis et al., eq. 4). */
export function compressedDb(
  levelDb: number,
  { thresholdDb, ratio, kneeDb }: { thresholdDb: number; ratio: number; kneeDb: number },
): number {
  const over = levelDb - thresholdDb;
  if (2 * over < -kneeDb) return levelDb;
  if (2 * Math.abs(over) <= kneeDb && kneeDb > 0)
    return levelDb + ((1 / ratio - 1) * (over + kneeDb / 2) ** 2) / (2 * kneeDb);
  return thresholdDb + over / ratio;
}
