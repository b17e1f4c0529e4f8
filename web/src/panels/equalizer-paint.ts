// Draws the equalizer: grid, spectra, curve and what is covered. Frequencies are logarithmic, gains linear.
import { getKnob, type Spectra } from "../engine";
import type { MixPlan } from "../generated/plan";
import { type BandPaths, bandsIn } from "../pure/bands";
import { responseDb } from "../pure/response";
import { clamp, fromUnit, toUnit } from "../pure/scale";
import type { Ink } from "../parts/canvas";
import type { Analysis, Heard, PartName } from "../state/types";

export const FREQUENCY = { low: 40, high: 18000, log: true };
export const DB = { low: -13, high: 13, log: false };
const SPECTRUM_DB = { low: -84, high: -12 }; // shown, after a slope of 4.5 dB an octave that makes music look level
const SLOPE_DB = 4.5;
const GRID_HZ = [60, 100, 200, 400, 600, 1000, 2000, 4000, 6000, 10000, 16000];
const GRID_DB = [-12, -6, 0, 6, 12];

export const xOf = (hz: number): number => toUnit(FREQUENCY, hz);
export const yOf = (db: number): number => 1 - toUnit(DB, clamp(db, DB.low, DB.high));

interface Curves {
  readonly mine: MixPlan;
  readonly suggestion: MixPlan;
  readonly bands: readonly BandPaths[];
  readonly sampleRate: number;
  readonly masking: Heard["masking"] | null;
  readonly yours: boolean;
  readonly part: PartName;
}

export function paintCurves(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ink: Ink,
  curves: Curves,
): void {
  if (curves.masking) heat(context, width, height, ink, curves.masking);
  grid(context, width, height, ink);
  const hz = Array.from({ length: Math.ceil(width / 2) + 1 }, (_, i) => fromUnit(FREQUENCY, (2 * i) / width));
  const at = (plan: MixPlan) =>
    responseDb(
      bandsIn((path) => getKnob(plan, path), curves.bands),
      curves.sampleRate,
      hz,
    );
  const trace = (db: readonly number[]) => {
    context.beginPath();
    db.forEach((value, i) => context.lineTo(2 * i, yOf(value) * height));
  };
  context.lineWidth = 1.5;
  context.strokeStyle = ink.muted;
  context.setLineDash([4, 4]);
  trace(at(curves.suggestion));
  context.stroke();
  context.setLineDash([]);
  const mine = at(curves.mine);
  const colour = curves.yours ? ink.yours : ink.text;
  trace(mine);
  context.lineTo(width, yOf(0) * height);
  context.lineTo(0, yOf(0) * height);
  context.fillStyle = colour;
  context.globalAlpha = 0.1;
  context.fill();
  context.globalAlpha = 1;
  trace(mine);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.stroke();
}

function grid(context: CanvasRenderingContext2D, width: number, height: number, ink: Ink): void {
  context.font = "11px system-ui, sans-serif";
  context.lineWidth = 1;
  for (const hz of GRID_HZ) {
    const x = Math.round(xOf(hz) * width) + 0.5;
    line(context, ink.line, x, 0, x, height);
    context.fillStyle = ink.muted;
    const narrow = width < 500 && ![100, 400, 1000, 4000, 10000].includes(hz);
    if (!narrow && x < width - 28) context.fillText(hz < 1000 ? String(hz) : `${hz / 1000}k`, x + 3, height - 5);
  }
  for (const db of GRID_DB) {
    const y = Math.round(yOf(db) * height) + 0.5;
    line(context, ink.line, 0, y, width, y);
    context.fillStyle = ink.muted;
    if (db > -12) context.fillText(`${db > 0 ? "+" : db < 0 ? "\u2212" : ""}${Math.abs(db)} dB`, 4, y - 3);
  }
}

function line(context: CanvasRenderingContext2D, colour: string, x0: number, y0: number, x1: number, y1: number): void {
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** Bars from below, as high as the share of sung moments that the backing covers, in the warm colour. */
function heat(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ink: Ink,
  masking: Heard["masking"],
): void {
  context.fillStyle = ink.warm;
  const edges = masking.hz.map((hz, i) => Math.sqrt(hz * (masking.hz[i + 1] ?? hz * 1.25)));
  masking.masked_share.forEach((share, i) => {
    const left = clamp(xOf(edges[i - 1] ?? FREQUENCY.low), 0, 1) * width;
    const right = clamp(xOf(edges[i] as number), 0, 1) * width;
    context.globalAlpha = 0.06 + 0.22 * share;
    const tall = share * height * 0.22;
    context.fillRect(left + 0.5, height - tall, Math.max(right - left - 1, 0), tall);
  });
  context.globalAlpha = 1;
}

const spectrumY = (db: number, hz: number, height: number): number => {
  const level = db + SLOPE_DB * Math.log2(hz / 1000);
  return height * clamp((SPECTRUM_DB.high - level) / (SPECTRUM_DB.high - SPECTRUM_DB.low), 0, 1);
};

interface Points {
  readonly vocal: readonly (readonly [x: number, y: number])[];
  readonly backing: readonly (readonly [x: number, y: number])[];
}

function spectra(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ink: Ink,
  { vocal, backing }: Points,
): void {
  context.beginPath();
  context.moveTo(backing[0]?.[0] ?? 0, height);
  for (const [x, y] of backing) context.lineTo(x, y);
  context.lineTo(backing.at(-1)?.[0] ?? width, height);
  context.fillStyle = ink.backing;
  context.globalAlpha = 0.28;
  context.fill();
  context.globalAlpha = 0.85;
  context.beginPath();
  for (const [x, y] of vocal) context.lineTo(x, y);
  context.strokeStyle = ink.vocal;
  context.lineWidth = 1.25;
  context.stroke();
  context.globalAlpha = 1;
}

let ranges: { readonly width: number; readonly binHz: number; readonly bins: Int32Array } | null = null;

/** First bin of every second pixel; the same as long as width and rate are. */
function binsOf(width: number, binHz: number): Int32Array {
  if (ranges?.width === width && ranges.binHz === binHz) return ranges.bins;
  const bins = Int32Array.from({ length: Math.ceil(width / 2) + 1 }, (_, i) =>
    Math.round(fromUnit(FREQUENCY, (2 * i) / width) / binHz),
  );
  ranges = { width, binHz, bins };
  return bins;
}

function points(db: Float32Array, bins: Int32Array, binHz: number, height: number): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i + 1 < bins.length; i++) {
    const from = bins[i] as number;
    let most = -200;
    for (let bin = from; bin < Math.max(bins[i + 1] as number, from + 1); bin++) most = Math.max(most, db[bin] ?? -200);
    if (i > 0 && from === bins[i - 1]) continue; // one point a bin where bins are wider than pixels
    found.push([2 * i, spectrumY(most, Math.max(from * binHz, 20), height)]);
  }
  return found;
}

export const paintSpectra = {
  live(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    ink: Ink,
    { vocalDb, backingDb, binHz }: Spectra,
  ): void {
    const bins = binsOf(width, binHz);
    spectra(context, width, height, ink, {
      vocal: points(vocalDb, bins, binHz, height),
      backing: points(backingDb, bins, binHz, height),
    });
  },
  /** Third octaves of the files as they came, while nothing plays. */
  mean(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    ink: Ink,
    { hz, vocal, backing }: Analysis,
  ): void {
    const along = (db: readonly number[]): [number, number][] =>
      hz.map((at, i) => [xOf(at) * width, spectrumY((db[i] as number) - 20, at, height)]);
    spectra(context, width, height, ink, { vocal: along(vocal.spectrum_db), backing: along(backing.spectrum_db) });
  },
};
