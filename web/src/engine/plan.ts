// A plan as the core takes it, and single knobs of a plan; knows nothing of sound.
import { KNOBS, type Knob, type MixPlan } from "../generated/plan";

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

/** The two files as they are, in time with each other: every stage off, gains 0 dB. */
export function dryPlan(plan: MixPlan): MixPlan {
  const { vocal, backing, reverb, master } = plan;
  return {
    ...plan,
    vocal: { ...switchedOff(vocal), gain_db: 0 },
    backing: { ...switchedOff(backing), gain_db: 0 },
    reverb: { ...reverb, enabled: false },
    master: { ...master, enabled: false },
  };
}

function switchedOff<Stages extends object>(stages: Stages): Stages {
  const off = Object.entries(stages).map(([name, stage]) => [
    name,
    typeof stage === "object" ? { ...stage, enabled: false } : stage,
  ]);
  return Object.fromEntries(off) as Stages;
}
