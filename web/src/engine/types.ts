// What the page may ask of the engine, and what the engine tells it. No DOM, no sound here.
import type { MixPlan } from "../generated/plan";

/** A: the two files as they are, added. B: what Sitwell suggests. C: what the person made of it. */
export type Slot = "dry" | "suggestion" | "mine";
export const SLOTS: readonly Slot[] = ["dry", "suggestion", "mine"];

/** The parts of a mix that can be silenced for listening. Nothing of this reaches an export. */
export type Part = "vocal" | "reverb" | "backing";

/** One stereo sound, within about ±1. A mono recording is the same array twice (it costs no memory). */
export interface Stem {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** Vocal and backing at one rate; lengths may differ. */
export interface Stems {
  readonly sampleRate: number;
  readonly vocal: Stem;
  readonly backing: Stem;
}

export interface Loop {
  readonly startS: number;
  readonly endS: number;
}

/** What is heard now; posted about 30 times a second while playing, and once after a seek or a pause. */
export interface Meters {
  readonly positionS: number;
  readonly playing: boolean;
  /** Deepest gain of the vocal's compressor since the last report, <= 0, before makeup. */
  readonly reductionDb: number;
  /** Deepest gain of the limiter since the last report, <= 0. */
  readonly limiterDb: number;
  /** Largest sample of each channel since the last report; -Infinity for silence. */
  readonly peakDbfs: readonly [left: number, right: number];
  /** Last 400 ms, last 3 s, and gated over all that was heard since play, seek or a switch of slot. */
  readonly momentaryLufs: number;
  readonly shortTermLufs: number;
  readonly integratedLufs: number;
  /** Largest true peak over the same time. */
  readonly truePeakDbtp: number;
}

/** A whole plan, rendered in the background: the figures an export would have. */
export interface Measured {
  readonly integratedLufs: number;
  readonly loudnessRangeLu: number;
  readonly truePeakDbtp: number;
  /** Largest gain of the limiter, <= 0. */
  readonly limiterDb: number;
}

/** How loudness is matched: the gain that dry and suggestion get so that they are as loud as mine. */
export type MatchDb = Readonly<Record<Slot, number>>;

/** Levels of the processed vocal and backing as they are heard now, in dBFS, bin k at k * binHz. */
export interface Spectra {
  readonly binHz: number;
  readonly vocalDb: Float32Array<ArrayBuffer>;
  readonly backingDb: Float32Array<ArrayBuffer>;
}

export interface EngineEvents {
  meters: Meters;
  measured: { readonly slot: Slot; readonly measured: Measured };
  match: MatchDb;
  /** The end of the song was reached; the engine has stopped and gone back to the start. */
  ended: undefined;
  /** The sound stopped for good, with the reason in words; make a new engine. */
  failed: string;
}

export interface Engine {
  readonly sampleRate: number;
  /** Length of the mix of "mine": the longer of backing and vocal, the latter moved by its offset. */
  readonly durationS: number;
  readonly slot: Slot;
  readonly matchDb: MatchDb;

  /** Take a plan. Whatever changed glides over 20 ms; calls may come as fast as a mouse moves. */
  setPlan(slot: "suggestion" | "mine", plan: MixPlan): void;
  /** Hear another slot: same position, 10 ms crossfade. */
  select(slot: Slot): void;
  /** Bring dry and suggestion to the loudness of mine (on at first). Mine is always heard as exported. */
  setMatched(matched: boolean): void;
  /** Solo and mute: what is not named stays as it is. */
  setHeard(parts: Partial<Readonly<Record<Part, boolean>>>): void;

  /** Start or go on. Call it from a click or key: browsers start no sound without one. */
  play(): Promise<void>;
  pause(): void;
  /** Go to a position; while playing without a gap. */
  seek(positionS: number): void;
  /** Repeat a stretch of at least 50 ms, gapless; null: play on to the end. */
  setLoop(loop: Loop | null): void;

  /** Read the spectra into arrays that stay the same; call it once a frame of drawing. */
  spectra(): Spectra;
  on<Name extends keyof EngineEvents>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void;
  dispose(): Promise<void>;
}

/** A mix, sample for sample what `sitwell render` makes of the same plan and stems before it is written to a file. */
export interface Rendered {
  readonly sampleRate: number;
  readonly left: Float32Array;
  readonly right: Float32Array;
}
