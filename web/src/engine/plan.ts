// A plan as the core takes it, and single knobs of a plan; knows nothing of sound.
import { DEFAULT_PLAN, KNOBS, type Knob, type MixPlan } from "../generated/plan";
import type { DeckPlan } from "./protocol";

type Tree = { readonly [name: string]: unknown };

/** Read the knob or switch at a dotted path. */
export function getKnob(plan: MixPlan, path: string): number | boolean {
  let value: unknown = plan;
  for (const name of path.split(".")) value = (value as Tree | undefined)?.[name];
  if (typeof value !== "number" && typeof value !== "boolean") throw new RangeError(`no knob ${path} in this plan`);
  return value;
}

/** Make a new plan with one knob or switch changed. */
export function setKnob(plan: MixPlan, path: string, value: number | boolean): MixPlan {
  if (typeof value !== typeof getKnob(plan, path)) throw new RangeError(`${path} takes no ${typeof value}`);
  return changed(plan as unknown as Tree, path.split("."), value) as unknown as MixPlan;
}

function changed(tree: Tree, [name, ...rest]: string[], value: unknown): Tree {
  if (name === undefined) return tree;
  return { ...tree, [name]: rest.length ? changed(tree[name] as Tree, rest, value) : value };
}

/** All knobs in the core's order, switches as 0 and 1. RangeError for a number that is not allowed. */
export function flattened(plan: MixPlan): Float64Array {
  return Float64Array.from(KNOBS, (knob) => checked(knob, getKnob(plan, knob.path)));
}

function checked(knob: Knob, value: number | boolean): number {
  if (knob.kind === "switch") return value ? 1 : 0;
  if (typeof value === "number" && value >= knob.low && value <= knob.high) return value;
  throw new RangeError(`${knob.path} is ${value}; allowed are ${knob.low} to ${knob.high} ${knob.unit}`);
}

/** The two files as they are, in time with each other as in a plan: every stage off, gains 0 dB. */
export function dryPlan({ vocal }: MixPlan): MixPlan {
  const plain = DEFAULT_PLAN;
  const off = { enabled: false };
  return {
    ...plain,
    vocal: {
      offset_ms: vocal.offset_ms,
      highpass: { ...plain.vocal.highpass, ...off },
      equalizer: { ...plain.vocal.equalizer, ...off },
      compressor: { ...plain.vocal.compressor, ...off },
      gain_db: 0,
    },
    backing: { equalizer: { ...plain.backing.equalizer, ...off }, gain_db: 0 },
    reverb: { ...plain.reverb, ...off },
    master: { ...plain.master, ...off },
  };
}

const OFFSET = KNOBS.findIndex((knob) => knob.path === "vocal.offset_ms");

/** A plan as the engine's processors take it. */
export function deckPlan(plan: MixPlan, sampleRate: number): DeckPlan {
  const knobs = flattened(plan);
  return { knobs, offset: halvesToEven(((knobs[OFFSET] ?? 0) * sampleRate) / 1000) };
}

/** Round as Python does. */
export function halvesToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
