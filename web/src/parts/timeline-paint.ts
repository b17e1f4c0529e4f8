// Draws the timeline: both waveforms, gain reduction, phrases, loudness of both and the band for the vocal.
import { clock } from "../pure/format";
import { timeTicks } from "../pure/scale";
import { columnsOf, largest } from "../pure/wave";
import type { Analysis, Curve, Heard, PartName, Sounds } from "../state/types";
import type { Ink } from "./canvas";

export interface Span {
  readonly startS: number;
  readonly endS: number;
}

export interface Scene {
  readonly span: Span;
  readonly sounds: Sounds;
  readonly peaks: Readonly<Partial<Record<PartName, Int8Array>>>;
  readonly analysis: Analysis | null;
  readonly heard: Heard | null;
  /** Where the vocal should lie against the backing, in LU. */
  readonly band: { readonly low: number; readonly high: number } | null;
  readonly offsetS: number;
}

/** Rows as shares of the height: waveforms, then loudness, then the ruler. */
export const ROWS = {
  vocal: [0, 0.31],
  backing: [0.33, 0.5],
  words: [0.52, 0.6],
  loudness: [0.61, 0.92],
  ruler: [0.92, 1],
} as const;
const DEEPEST_DB = 12; // gain reduction at the foot of the vocal's row

export function paintTimeline(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ink: Ink,
  scene: Scene,
): void {
  const x = (at: number) => ((at - scene.span.startS) / (scene.span.endS - scene.span.startS)) * width;
  const row = (name: keyof typeof ROWS): [number, number] => [ROWS[name][0] * height, ROWS[name][1] * height];
  ruler(context, width, row("ruler"), x, ink, scene.span);
  wave(context, width, row("vocal"), ink.vocal, scene, "vocal");
  wave(context, width, row("backing"), ink.backing, scene, "backing");
  if (scene.analysis) phrases(context, row("vocal")[1], x, ink, scene);
  if (scene.heard) reduction(context, row("vocal"), x, ink, scene.heard);
  loudness(context, row("loudness"), x, ink, scene);
}

function ruler(
  context: CanvasRenderingContext2D,
  width: number,
  [top, bottom]: [number, number],
  x: (s: number) => number,
  ink: Ink,
  span: Span,
): void {
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = ink.muted;
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  for (const at of timeTicks(span.startS, span.endS, Math.max(2, width / 90))) {
    const here = Math.round(x(at)) + 0.5;
    context.beginPath();
    context.moveTo(here, 0);
    context.lineTo(here, top + 3);
    context.stroke();
    if (here < width - 30) context.fillText(clock(at), here + 4, bottom - 3);
  }
}

function wave(
  context: CanvasRenderingContext2D,
  width: number,
  [top, bottom]: [number, number],
  colour: string,
  scene: Scene,
  part: PartName,
): void {
  const [middle, half] = [(top + bottom) / 2, (bottom - top) / 2 - 2];
  context.fillStyle = colour;
  const peaks = scene.peaks[part];
  const sound = scene.sounds[part];
  if (!peaks) {
    context.globalAlpha = 0.3;
    context.fillRect(0, middle - 0.5, width, 1);
    context.globalAlpha = 1;
    return;
  }
  const late = part === "vocal" ? scene.offsetS : 0;
  const columns = columnsOf(peaks, {
    hop: sound.peak_hop,
    sampleRate: sound.sample_rate,
    startS: scene.span.startS - late,
    endS: scene.span.endS - late,
    columns: Math.round(width),
  });
  const scale = half / largest(peaks);
  context.globalAlpha = 0.75;
  context.beginPath();
  for (let column = 0; column < columns.length / 2; column++) {
    const [low, high] = [columns[2 * column] as number, columns[2 * column + 1] as number];
    context.rect(column, middle - high * scale, 1, Math.max((high - low) * scale, 1));
  }
  context.fill();
  context.globalAlpha = 1;
}

function phrases(context: CanvasRenderingContext2D, y: number, x: (s: number) => number, ink: Ink, scene: Scene): void {
  context.fillStyle = ink.muted;
  for (const [begin, end] of scene.analysis?.phrases_s ?? []) {
    context.fillRect(x(begin + scene.offsetS), y, Math.max(x(end) - x(begin), 1), 2);
  }
}

/** Gain reduction hangs from the top of the vocal, as on the meters of a desk. */
function reduction(
  context: CanvasRenderingContext2D,
  [top, bottom]: [number, number],
  x: (s: number) => number,
  ink: Ink,
  heard: Heard,
): void {
  if (!heard.reduction_db.some((db) => db < -0.1)) return;
  context.fillStyle = ink.surface;
  context.strokeStyle = ink.text;
  context.lineWidth = 1;
  const y = (db: number) => top + (Math.min(-db, DEEPEST_DB) / DEEPEST_DB) * (bottom - top);
  context.beginPath();
  context.moveTo(x(0), top);
  heard.reduction_db.forEach((db, i) => context.lineTo(x((i + 0.5) / 10), y(db)));
  context.lineTo(x(heard.reduction_db.length / 10), top);
  context.globalAlpha = 0.45;
  context.fill();
  context.globalAlpha = 0.9;
  context.stroke();
  context.globalAlpha = 1;
}

function loudness(
  context: CanvasRenderingContext2D,
  rows: [number, number],
  x: (s: number) => number,
  ink: Ink,
  scene: Scene,
): void {
  const { analysis, heard, band } = scene;
  const backing = heard?.backing_lufs ?? analysis?.backing.lufs;
  const vocal = heard?.vocal_lufs ?? analysis?.vocal.lufs;
  if (!backing || !vocal) return;
  const y = levels(rows, [backing, vocal]);
  if (band) {
    context.fillStyle = ink.vocal;
    context.globalAlpha = 0.16;
    ribbon(
      context,
      backing,
      x,
      (lufs) => y(lufs + band.low),
      (lufs) => y(lufs + band.high),
    );
    context.globalAlpha = 1;
  }
  context.lineWidth = 1.5;
  context.strokeStyle = ink.backing;
  context.setLineDash([5, 3]);
  line(context, backing, x, y);
  context.setLineDash([]);
  context.strokeStyle = ink.vocal;
  context.lineWidth = 2;
  line(context, vocal, x, y);
}

/** Loudness to pixels, so that the louder three quarters of both curves fill the row. */
export function levels([top, bottom]: [number, number], curves: readonly Curve[]): (lufs: number) => number {
  const all = curves
    .flatMap((curve) => curve.values.filter((value): value is number => value !== null))
    .sort((a, b) => a - b);
  const high = (all.at(-1) ?? -10) + 2;
  const low = Math.min(Math.max(all[Math.floor(all.length / 8)] ?? -40, high - 36), high - 14);
  return (lufs) => Math.min(Math.max(top + ((high - lufs) / (high - low)) * (bottom - top), top), bottom);
}

function line(
  context: CanvasRenderingContext2D,
  curve: Curve,
  x: (s: number) => number,
  y: (lufs: number) => number,
): void {
  context.beginPath();
  let drawn = false;
  const bottom = y(-200);
  curve.values.forEach((lufs, i) => {
    if (lufs === null || y(lufs) >= bottom) {
      drawn = false;
      return;
    }
    const at = x(curve.start_s + i * curve.step_s);
    if (drawn) context.lineTo(at, y(lufs));
    else context.moveTo(at, y(lufs));
    drawn = true;
  });
  context.stroke();
}

function ribbon(
  context: CanvasRenderingContext2D,
  curve: Curve,
  x: (s: number) => number,
  low: (lufs: number) => number,
  high: (lufs: number) => number,
): void {
  const points = curve.values.flatMap((lufs, i) =>
    lufs === null ? [] : [[x(curve.start_s + i * curve.step_s), lufs] as const],
  );
  context.beginPath();
  for (const [at, lufs] of points) context.lineTo(at, high(lufs));
  for (const [at, lufs] of [...points].reverse()) context.lineTo(at, low(lufs));
  context.fill();
}
