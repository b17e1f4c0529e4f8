// Everything the page shows, as signals; actions are in the files beside it.
import { computed, signal } from "@preact/signals";
import type { Engine, MatchDb, Meters, Slot, Part } from "../engine";
import { getKnob } from "../engine";
import { KNOBS } from "../generated/plan";
import { EMPTY, type History } from "../pure/history";
import type { Analysis, Doc, Heard, Info, Notice, PartName, PresetEntry, Project, ProjectEntry, Sounds } from "./types";

export const PANELS = ["level", "equalizer", "compressor", "reverb", "backing", "master"] as const;
export type PanelName = (typeof PANELS)[number];

export interface Problem {
  readonly code: string;
  readonly message: string;
}

export const info = signal<Info | null>(null);
export const projects = signal<readonly ProjectEntry[]>([]);
export const presets = signal<readonly PresetEntry[]>([]);
export const project = signal<Project | null>(null);
/** Files chosen or dropped that are on their way to the server. */
export const arriving = signal<Readonly<Partial<Record<PartName, string>>>>({});
export const problem = signal<Problem | null>(null);
/** A word of what just happened, read out to who cannot see it. */
export const said = signal("");

export const stage = signal<{ readonly stage: string; readonly share: number } | null>(null);
export const sounds = signal<Sounds | null>(null);
export const peaks = signal<Readonly<Partial<Record<PartName, Int8Array>>>>({});
export const analysis = signal<Analysis | null>(null);
export const heard = signal<Heard | null>(null);
/** Whether `heard` is of the plan as it is now. */
export const fresh = signal(false);
export const notices = signal<readonly Notice[]>([]);

export const doc = signal<Doc | null>(null);
export const history = signal<History>(EMPTY);
export const solving = signal(false);

export const engine = signal<Engine | null>(null);
export const playing = signal(false);
export const positionS = signal(0);
export const slot = signal<Slot>("mine");
export const matched = signal(true);
export const matchDb = signal<MatchDb>({ dry: 0, suggestion: 0, mine: 0 });
export const meters = signal<Meters | null>(null);
export const audible = signal<Readonly<Record<Part, boolean>>>({ vocal: true, reverb: true, backing: true });
export const loop = signal<{ readonly startS: number; readonly endS: number; readonly on: boolean } | null>(null);

export const panel = signal<PanelName>("level");
export const helpOpen = signal(false);
export const view = signal<{ readonly startS: number; readonly endS: number } | null>(null);

export const seconds = computed(() => {
  const found = sounds.value;
  if (!found) return 0;
  return Math.max(...[found.vocal, found.backing].map((sound) => sound.frames / sound.sample_rate));
});
export const sampleRate = computed(() => sounds.value?.vocal.sample_rate ?? 44100);
/** The plan as measured last, if it is the plan as it is. */
export const targets = computed(() => (fresh.value ? heard.value?.plan.targets : undefined) ?? doc.value?.mine.targets);
/** Where engineers put the vocal against the backing, LU; a plan whose level was set by hand says it no more. */
export const usual = computed(() => {
  const aims = [targets.value?.vbr_lu, doc.value?.suggestion.targets.vbr_lu];
  const known = aims.find((aim) => aim?.low != null && aim.high != null);
  return known ? { low: known.low as number, high: known.high as number } : null;
});
/** Knobs that differ from the suggestion. */
export const changed = computed<ReadonlySet<string>>(() => {
  const now = doc.value;
  if (!now) return new Set();
  return new Set(
    KNOBS.map(({ path }) => path).filter((path) => getKnob(now.mine, path) !== getKnob(now.suggestion, path)),
  );
});
/** Knobs that a person set: locked, and not as suggested. */
export const own = computed<ReadonlySet<string>>(
  () => new Set([...changed.value].filter((path) => locked.value.has(path))),
);
export const locked = computed<ReadonlySet<string>>(() => new Set(doc.value?.locks ?? []));
