// What the server tells and what a project keeps.
import type { MixPlan } from "../generated/plan";
import type { History } from "../pure/history";

export type PartName = "vocal" | "backing";
export type ExportKind = "mix" | "stems" | "plan" | "report";

/** What is asked for besides the files; names and ranges are those of `sitwell.wishes`. */
export interface Wishes {
  readonly method: string;
  readonly model: string | null;
  readonly amount: number;
  readonly vocal_level_lu: number;
  readonly vocal_tone_db: number;
  readonly reverb_level_db: number;
}

/** Everything a person can change, undo and save. */
export interface Doc {
  readonly wishes: Wishes;
  readonly suggestion: MixPlan;
  readonly mine: MixPlan;
  /** Paths of the knobs that stay when the rest is solved again. */
  readonly locks: readonly string[];
  /** The locked knobs with their values when the rest was last solved around them. */
  readonly solved: string;
}

/** A project as it is saved: with every step that can be undone, and what there is to know about the files. */
export interface Kept extends Doc {
  readonly history?: History;
  readonly notices?: readonly Notice[];
}

export interface Info {
  readonly version: string;
  readonly methods: readonly string[];
  readonly default_method: string;
  readonly models: readonly string[];
  readonly example: boolean;
  readonly limits: { readonly bytes: number; readonly seconds: number };
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly parts: Readonly<Partial<Record<PartName, { readonly name: string }>>>;
  readonly revision: number;
  readonly doc: unknown;
}

export interface ProjectEntry {
  readonly id: string;
  readonly name: string;
  readonly complete: boolean;
}

export interface Sound {
  readonly sample_rate: number;
  readonly channels: number;
  readonly frames: number;
  readonly format: "s16" | "f32";
  readonly peak_hop: number;
}

export type Sounds = Readonly<Record<PartName, Sound>>;

/** A figure every `step_s`, the first at `start_s`; null where there is nothing. */
export interface Curve {
  readonly start_s: number;
  readonly step_s: number;
  readonly values: readonly (number | null)[];
}

export interface TrackFigures {
  readonly seconds: number;
  readonly integrated_lufs: number | null;
  readonly loudness_range_lu: number | null;
  readonly true_peak_dbtp: number | null;
  readonly lufs: Curve;
  readonly spectrum_db: readonly number[];
}

export interface Analysis {
  readonly seconds: number;
  readonly vocal: TrackFigures;
  readonly backing: TrackFigures;
  readonly phrases_s: readonly (readonly [number, number])[];
  readonly dry_lufs: number | null;
  readonly hz: readonly number[];
}

export interface Notice {
  readonly code: string;
  readonly message: string;
}

export interface Decided {
  readonly plan: MixPlan;
  readonly notices: readonly Notice[];
}

export interface Measured {
  readonly vmr_db: number | null;
  readonly vbr_lu: number | null;
  readonly return_db: number | null;
  readonly vocal_loudness_range_lu: number | null;
  readonly reduction_db: number | null;
  readonly limiter_reduction_db: number | null;
  readonly mix: {
    readonly integrated_lufs: number | null;
    readonly loudness_range_lu: number | null;
    readonly true_peak_dbtp: number | null;
    readonly max_short_term_lufs: number | null;
  };
}

/** A plan as it was rendered and measured, its targets filled in. */
export interface Heard {
  readonly plan: MixPlan;
  readonly measured: Measured;
  readonly vocal_lufs: Curve;
  readonly backing_lufs: Curve;
  readonly mix_lufs: Curve;
  readonly reduction_db: readonly number[];
  readonly masking: {
    readonly hz: readonly number[];
    readonly masked_share: readonly number[];
    readonly audible_share: number;
  };
}

/** What a person likes to start from: sliders, and the knobs that were locked with their values. */
export interface Preset {
  readonly wishes: Wishes;
  readonly knobs: Readonly<Record<string, number | boolean>>;
}

export interface PresetEntry {
  readonly name: string;
  readonly preset: Preset;
}
