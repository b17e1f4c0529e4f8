// Plans as values, and what makes three of them equally loud.
import { expect, test } from "vitest";
import { DEFAULT_PLAN, KNOBS } from "../src/generated/plan";
import { louder, matchDb, slotPlans } from "../src/engine/matching";
import { deckPlan, dryPlan, flattened, getKnob, halvesToEven, setKnob } from "../src/engine/plan";
import type { Measured } from "../src/engine/types";

const loud = (integratedLufs: number): Measured => ({ integratedLufs, loudnessRangeLu: 5, truePeakDbtp: -1, limiterDb: 0 });

test("a knob is changed in a new plan, and only that", () => {
  const plan = setKnob(DEFAULT_PLAN, "vocal.compressor.ratio", 7);
  expect(getKnob(plan, "vocal.compressor.ratio")).toBe(7);
  expect(getKnob(DEFAULT_PLAN, "vocal.compressor.ratio")).toBe(3);
  expect(plan.backing).toBe(DEFAULT_PLAN.backing);
});

test("every knob of the schema is in the plan that goes to the core", () => {
  expect(flattened(DEFAULT_PLAN)).toHaveLength(KNOBS.length);
  for (const [index, knob] of KNOBS.entries())
    expect(flattened(DEFAULT_PLAN)[index]).toBe(Number(getKnob(DEFAULT_PLAN, knob.path)));
});

test("what is not allowed is refused by name", () => {
  expect(() => setKnob(DEFAULT_PLAN, "vocal.volume", 1)).toThrow("vocal.volume");
  expect(() => setKnob(DEFAULT_PLAN, "vocal.gain_db", true)).toThrow("vocal.gain_db");
  expect(() => flattened(setKnob(DEFAULT_PLAN, "vocal.compressor.ratio", 99))).toThrow("vocal.compressor.ratio is 99");
  expect(() => flattened(setKnob(DEFAULT_PLAN, "vocal.gain_db", Number.NaN))).toThrow("vocal.gain_db");
});

test("an offset is rounded to frames as in Python", () => {
  expect([-1.5, -0.5, 0.5, 1.5, 2.5, 2.4].map(halvesToEven).map((x) => x + 0)).toEqual([-2, 0, 0, 2, 2, 2]);
  expect(deckPlan(setKnob(DEFAULT_PLAN, "vocal.offset_ms", -37.4), 44100).offset).toBe(-1649);
});

test("the dry sum keeps the offset and nothing else", () => {
  const plan = dryPlan(setKnob(setKnob(DEFAULT_PLAN, "vocal.offset_ms", 12), "vocal.gain_db", 5));
  expect(plan.vocal).toMatchObject({ offset_ms: 12, gain_db: 0 });
  for (const knob of KNOBS) if (knob.kind === "switch") expect(getKnob(plan, knob.path)).toBe(false);
});

test("a slot is matched to mine, and mine to nothing", () => {
  expect(matchDb({ dry: loud(-20), suggestion: loud(-12), mine: loud(-14) })).toEqual({ dry: 6, suggestion: -2, mine: 0 });
});

test("what is unknown, silent or nearly equal is left alone", () => {
  expect(matchDb({ dry: loud(-20) })).toEqual({ dry: 0, suggestion: 0, mine: 0 });
  expect(matchDb({ dry: loud(-Infinity), suggestion: loud(-14.02), mine: loud(-14) }).dry).toBe(0);
  expect(matchDb({ suggestion: loud(-14.02), mine: loud(-14) }).suggestion).toBe(0);
});

test("a louder plan has its limiter on, and stays in the knob's range", () => {
  const { dry } = slotPlans(DEFAULT_PLAN, setKnob(DEFAULT_PLAN, "master.gain_db", 40));
  expect(louder(dry, 6).master).toMatchObject({ enabled: true, gain_db: 6 });
  expect(louder(DEFAULT_PLAN, 100).master.gain_db).toBe(60);
  expect(louder(DEFAULT_PLAN, 0)).toBe(DEFAULT_PLAN);
});
