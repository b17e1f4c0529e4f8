// Where a value lies on an axis and back; linear and logarithmic. Pure geometry, no canvas.
import type { NumberKnob } from "../generated/plan";

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** Position 0..1 of a value. */
export function toUnit(scale: Scale, value: number): number {
  const { low, high, log } = scale;
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** Value at a position 0..1. */
export function fromUnit(scale: Scale, unit: number): number {
  const { low, high, log } = scale;
  return log ? low * (high / low) ** unit : low + unit * (high - low);
}

export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export const scaleOf = (knob: NumberKnob): Scale => ({ low: knob.low, high: knob.high, log: knob.scale === "log" });

const WIDE = 100; // a linear range from here on is shown in part
const SHOWN = 0.15; // of the range, to each side of the suggestion

/** What a slider shows of a knob: all of it, or what lies around `middle` if that is a very wide range. */
export function shownScale(knob: NumberKnob, middle: number, value: number): Scale {
  const scale = scaleOf(knob);
  const span = knob.high - knob.low;
  if (scale.log || span < WIDE) return scale;
  const [low, high] = [middle - SHOWN * span, middle + SHOWN * span];
  return {
    low: Math.max(Math.min(low, value), knob.low),
    high: Math.min(Math.max(high, value), knob.high),
    log: false,
  };
}

/** Bring a value into a knob's range and onto its step, as the product does. */
export function onStep(knob: NumberKnob, value: number): number {
  const stepped = Math.round(Math.round(value / knob.step) * knob.step * 1e9) / 1e9;
  return clamp(stepped, knob.low, knob.high);
}

/** Move a value by `steps` of a hundredth of its scale, by at least one step of the knob. */
export function nudged(knob: NumberKnob, value: number, steps: number): number {
  const scale = scaleOf(knob);
  const moved = onStep(knob, fromUnit(scale, clamp(toUnit(scale, value) + steps / 100, 0, 1)));
  return moved === value ? onStep(knob, value + Math.sign(steps) * knob.step) : moved;
}

/** A few round values across a stretch of time, for the ruler. */
export function timeTicks(startS: number, endS: number, most: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
  const step = steps.find((candidate) => (endS - startS) / candidate <= most) ?? 1200;
  const ticks = [];
  for (let at = Math.ceil(startS / step) * step; at <= endS; at += step) ticks.push(at);
  return ticks;
}
