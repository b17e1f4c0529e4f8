// How dry sum and suggestion are brought to the loudness of mine; pure.
import { KNOBS, type MixPlan } from "../generated/plan";
import { dryPlan } from "./plan";
import type { MatchDb, Measured, Slot } from "./types";

const INAUDIBLE_DB = 0.05;
const GAIN = KNOBS.find((knob) => knob.path === "master.gain_db");

/** The plans of the slots, unmatched. */
export function slotPlans(suggestion: MixPlan, mine: MixPlan): Readonly<Record<Slot, MixPlan>> {
  return { dry: dryPlan(mine), suggestion, mine };
}

/** The gain that makes a slot as loud as mine; 0 where a loudness is unknown or there is none. */
export function matchDb(measured: Partial<Record<Slot, Measured>>): MatchDb {
  const mine = measured.mine?.integratedLufs;
  const gain = (slot: Slot): number => {
    const db = (mine ?? Number.NaN) - (measured[slot]?.integratedLufs ?? Number.NaN);
    return Number.isFinite(db) && Math.abs(db) >= INAUDIBLE_DB ? db : 0;
  };
  return { dry: gain("dry"), suggestion: gain("suggestion"), mine: 0 };
}

/** A plan made louder or softer by its master, whose limiter keeps what is made louder from clipping. */
export function louder(plan: MixPlan, db: number): MixPlan {
  if (db === 0) return plan;
  const { master } = plan;
  const gain = (master.enabled ? master.gain_db : 0) + db;
  const [low, high] = GAIN?.kind === "number" ? [GAIN.low, GAIN.high] : [gain, gain];
  return { ...plan, master: { ...master, enabled: true, gain_db: Math.min(Math.max(gain, low), high) } };
}
