// Numbers as people read them: with unit, a true minus, at most one decimal; knows nothing of plans.

const MINUS = "\u2212";

/** Decimals a value of this step and size deserves: at most one, two for what is below 2 and finely stepped. */
export function decimals(value: number, step: number): number {
  if (step >= 1) return 0;
  return Math.abs(value) < 2 && step < 0.05 ? 2 : 1;
}

/** Write a number with a true minus; `signed` puts a plus before what is above zero. */
export function numeral(value: number, places: number, signed = false): string {
  const text = Math.abs(value).toFixed(places);
  const zero = Number(text) === 0;
  return (value < 0 && !zero ? MINUS : signed && !zero ? "+" : "") + text;
}

/** Write a value with its unit: `−3.5 dB`, `3.1 : 1`, `1.2 kHz`. */
export function withUnit(value: number, unit: string, step = 0.1, signed = false): string {
  if (!Number.isFinite(value)) return value < 0 ? `${MINUS}∞ ${unit}` : `– ${unit}`.trim();
  if (unit === ":1") return `${numeral(value, 1)} : 1`;
  if (unit === "Hz") return hertz(value);
  return `${numeral(value, decimals(value, step), signed)} ${unit}`.trim();
}

/** Write a frequency: `320 Hz`, `4.5 kHz`. */
export function hertz(hz: number): string {
  return hz < 1000 ? `${Math.round(hz)} Hz` : `${numeral(hz / 1000, 1)} kHz`;
}

/** Write a time of a song: `0:42`, `12:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Say a time: `42 seconds`, `3 minutes 9 seconds`. */
export function spokenTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = `${whole % 60} second${whole % 60 === 1 ? "" : "s"}`;
  return minutes ? `${minutes} minute${minutes === 1 ? "" : "s"} ${rest}` : rest;
}

/** Read what a person typed: comma or point, true minus, `k` for thousand; NaN for what is no number. */
export function parseNumber(text: string): number {
  const clean = text.trim().replace(MINUS, "-").replace(",", ".");
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*(k?)/i.exec(clean);
  return found ? Number(found[1]) * (found[2] ? 1000 : 1) : Number.NaN;
}

/** Make words of the name of a knob without its unit: `threshold_db` is `Threshold`. */
export function label(path: string): string {
  const name = (path.split(".").pop() ?? path).replace(/_(db|dbtp|hz|ms|s)$/, "");
  const words = name.replaceAll("_", " ").replace(/\bq\b/, "Q");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
