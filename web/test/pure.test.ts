// The pure parts of the page: numbers, axes, changes, history, bands, waveforms.
import { describe, expect, it } from "vitest";
import { getKnob, setKnob } from "../src/engine/plan";
import { DEFAULT_PLAN, KNOBS, type NumberKnob } from "../src/generated/plan";
import { bandsIn, bandsOf } from "../src/pure/bands";
import { applied, difference, type Json } from "../src/pure/change";
import { clock, label, parseNumber, spokenTime, withUnit } from "../src/pure/format";
import { EMPTY, redone, remembered, undone } from "../src/pure/history";
import { compressedDb, responseDb } from "../src/pure/response";
import { fromUnit, nudged, onStep, scaleOf, shownScale, timeTicks, toUnit } from "../src/pure/scale";
import { columnsOf, largest } from "../src/pure/wave";
import { GAP_S, latencyOf, SWEEPS, train } from "../src/record/latency";
import { wavOf } from "../src/record/wav";

const numbers = KNOBS.filter((knob): knob is NumberKnob => knob.kind === "number");
const ratio = numbers.find(({ path }) => path.endsWith("ratio")) as NumberKnob;

const EXPECTED = {
  bell: [-0.019428, -3.643172, -0.053011],
  low_shelf: [2.505736, 0.00099, -7e-6],
  high_shelf: [-0.001528, -0.149277, -3.952643],
  highpass: [-2.156156, 0.000287, 7e-6],
};

describe("numbers", () => {
  it("carry a true minus, a unit and at most one decimal, two near zero", () => {
    expect(withUnit(-3.456, "dB", 0.01)).toBe("\u22123.5 dB");
    expect(withUnit(0.123, "dB", 0.01)).toBe("0.12 dB");
    expect(withUnit(-0.001, "dB", 0.01)).toBe("0.00 dB");
    expect(withUnit(4512, "Hz", 1)).toBe("4.5 kHz");
    expect(withUnit(3.07, ":1")).toBe("3.1 : 1");
    expect(withUnit(Number.NEGATIVE_INFINITY, "LUFS")).toBe("\u2212∞ LUFS");
  });
  it("are read back as they are written", () => {
    for (const [value, unit] of [
      [-3.5, "dB"],
      [4500, "Hz"],
      [320, "Hz"],
      [3.1, ":1"],
      [0, "LU"],
    ] as const) {
      expect(parseNumber(withUnit(value, unit, 0.1))).toBeCloseTo(value, 9);
    }
    expect(parseNumber("3,5")).toBe(3.5);
    expect(parseNumber("loud")).toBeNaN();
  });
  it("times and names are words", () => {
    expect(clock(189.9)).toBe("3:09");
    expect(spokenTime(61)).toBe("1 minute 1 second");
    expect(label("vocal.compressor.threshold_db")).toBe("Threshold");
    expect(label("reverb.decay_low_s")).toBe("Decay low");
  });
});

describe("axes", () => {
  it.each(numbers.map((knob) => [knob.path, knob] as const))("%s goes to its place and back", (_, knob) => {
    const scale = scaleOf(knob);
    for (const unit of [0, 0.3, 1]) expect(toUnit(scale, fromUnit(scale, unit))).toBeCloseTo(unit, 9);
  });
  it.each(numbers.map((knob) => [knob.path, knob] as const))(
    "%s can be moved by a key and stays in its range",
    (_, knob) => {
      for (const value of [knob.low, knob.high, onStep(knob, fromUnit(scaleOf(knob), 0.5))]) {
        const [up, down] = [nudged(knob, value, 1), nudged(knob, value, -1)];
        expect(up > value || value === knob.high).toBe(true);
        expect(down < value || value === knob.low).toBe(true);
        expect(up <= knob.high && down >= knob.low).toBe(true);
      }
    },
  );
  it("shows a very wide knob around its suggestion, and its value in any case", () => {
    const gain = numbers.find(({ path }) => path === "vocal.gain_db") as NumberKnob;
    expect(shownScale(gain, 2, 2)).toMatchObject({ low: -22, high: 26 });
    expect(shownScale(gain, 2, -60).low).toBe(-60);
    expect(shownScale(ratio, 3, 3)).toEqual(scaleOf(ratio));
  });
  it("has round ticks", () => {
    expect(timeTicks(0, 100, 8)).toEqual([0, 15, 30, 45, 60, 75, 90]);
  });
});

describe("changes and history", () => {
  const before = DEFAULT_PLAN as unknown as Json;
  const turned = setKnob(setKnob(DEFAULT_PLAN, "vocal.gain_db", 2), "reverb.enabled", false) as unknown as Json;
  it("are as small as what was changed, and go both ways", () => {
    const change = difference(before, turned);
    expect(Object.keys(change).sort()).toEqual(["reverb.enabled", "vocal.gain_db"]);
    expect(applied(before, change, "forward")).toEqual(turned);
    expect(applied(turned, change, "back")).toEqual(before);
  });
  it("know what was not there before", () => {
    const change = difference({ a: 1 }, { b: [1, 2] });
    expect(applied({ a: 1 } as Json, change, "forward")).toEqual({ b: [1, 2] });
    expect(applied({ b: [1, 2] } as Json, change, "back")).toEqual({ a: 1 });
  });
  it("undo and redo without limit, and turns that belong together are one step", () => {
    let [history, value] = [EMPTY, before];
    const step = (path: string, to: number, joins: boolean) => {
      const next = setKnob(value as never, path, to) as unknown as Json;
      history = remembered(history, value, next, path, joins);
      value = next;
    };
    for (let i = 1; i <= 500; i++) step("vocal.gain_db", i / 100, false);
    step("reverb.return_db", -20, true);
    step("reverb.return_db", -21, true);
    expect(history.past.length).toBe(501);
    const last = value;
    for (let found = undone(history, value); found; found = undone(history, value)) ({ history, value } = found);
    expect(value).toEqual(before);
    for (let found = redone(history, value); found; found = redone(history, value)) ({ history, value } = found);
    expect(value).toEqual(last);
  });
  it("forget a step that came back to where it began", () => {
    const there = remembered(EMPTY, before, turned, "x", false);
    expect(remembered(there, turned, before, "x", true).past).toEqual([]);
  });
});

describe("curves", () => {
  it("bands are found in the plan, whatever they are called", () => {
    const marks = bandsOf(["vocal.highpass", "vocal.equalizer"]).map(({ mark }) => mark);
    expect(marks).toEqual(["C", "L", "1", "2", "3", "4", "H"]);
    const off = setKnob(DEFAULT_PLAN, "vocal.equalizer.enabled", false);
    expect(bandsIn((path) => getKnob(off, path), bandsOf(["vocal.equalizer"]))).toEqual([]);
  });
  it("are the responses of the core, read at 48 kHz", () => {
    // python: core.response_db(core.design_...(sample_rate=48000, ...)) at 100, 1000 and 8000 Hz
    const at = [100, 1000, 8000];
    const near = (found: number[], expected: number[]) =>
      found.forEach((db, i) => expect(db).toBeCloseTo(expected[i] as number, 4));
    near(responseDb([{ kind: "bell", frequencyHz: 1200, gainDb: -4.5, q: 1.3 }], 48000, at), EXPECTED.bell);
    near(responseDb([{ kind: "low_shelf", frequencyHz: 150, gainDb: 3, q: 0.71 }], 48000, at), EXPECTED.low_shelf);
    near(responseDb([{ kind: "high_shelf", frequencyHz: 6000, gainDb: -6, q: 0.5 }], 48000, at), EXPECTED.high_shelf);
    near(responseDb([{ kind: "highpass", frequencyHz: 90, gainDb: 0, q: 0.71 }], 48000, at), EXPECTED.highpass);
  });
  it("the compressor is a straight line outside its knee, and smooth within", () => {
    const curve = (db: number) => compressedDb(db, { thresholdDb: -20, ratio: 4, kneeDb: 6 });
    expect(curve(-40)).toBe(-40);
    expect(curve(0)).toBeCloseTo(-15, 9);
    expect(curve(-23)).toBeCloseTo(-23, 9);
    expect(curve(-17)).toBeCloseTo(-19.25, 9);
  });
});

describe("waveforms", () => {
  it("keep every peak at any width", () => {
    const peaks = new Int8Array([-10, 20, -30, 5, -1, 127, 0, 3]);
    const all = columnsOf(peaks, { hop: 10, sampleRate: 10, startS: 0, endS: 4, columns: 2 });
    expect([...all].map((value) => Math.round(value * 127))).toEqual([-30, 20, -1, 127]);
    const one = columnsOf(peaks, { hop: 10, sampleRate: 10, startS: 2, endS: 3, columns: 1 });
    expect(Math.round((one[1] as number) * 127)).toBe(127);
    expect(largest(peaks)).toBe(1);
  });
});

describe("recording", () => {
  const rate = 16000;
  const played = train(rate);
  let seed = 1;
  const noise = () => ((seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5) * 0.1;
  const heard = (lateS: number, gain: number) =>
    Float32Array.from(
      { length: SWEEPS * GAP_S * rate },
      (_, i) => gain * (played[i - Math.round(lateS * rate)] ?? 0) + noise(),
    );
  it.each([0, 0.034, 0.21, 0.45])("finds sweeps that come back after %f s, weak and in noise", (lateS) => {
    expect(latencyOf(heard(lateS, 0.05), rate)).toBeCloseTo(lateS, 3);
    expect(latencyOf(heard(lateS, -0.5), rate)).toBeCloseTo(lateS, 3);
  });
  it("finds nothing in noise and silence", () => {
    expect(latencyOf(heard(0.1, 0), rate)).toBeNull();
    expect(latencyOf(new Float32Array(SWEEPS * GAP_S * rate), rate)).toBeNull();
    expect(latencyOf(new Float32Array(0), rate)).toBeNull();
  });
  it("is kept as it is", async () => {
    const samples = Float32Array.of(0.25, -1.5, 0);
    const bytes = new DataView(await wavOf(samples, 44100).arrayBuffer());
    expect(bytes.byteLength).toBe(44 + 12);
    expect(bytes.getUint32(24, true)).toBe(44100);
    expect([44, 48, 52].map((at) => bytes.getFloat32(at, true))).toEqual([0.25, -1.5, 0]);
  });
});
