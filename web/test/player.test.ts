// Playing while things change: nothing clicks, nothing is late, nothing gets lost.
import { describe, expect, test } from "vitest";
import { KNOBS, type NumberKnob } from "../src/generated/plan";
import { QUANTUM } from "../src/engine/core";
import { peak, ramp, RATE, sharpest, silence, Stage, tone, withKnobs } from "./stage";

const LEVELS = { "vocal.gain_db": 0, "reverb.return_db": -6, "master.gain_db": 3 };
const BUSY = withKnobs({
  ...LEVELS,
  "vocal.compressor.enabled": true,
  "vocal.compressor.threshold_db": -30,
  "vocal.equalizer.bell_1.gain_db": 6,
  "vocal.equalizer.bell_2.gain_db": -6,
  "vocal.equalizer.bell_3.gain_db": 6,
  "vocal.equalizer.bell_4.gain_db": -6,
  "vocal.equalizer.low_shelf.gain_db": 6,
  "vocal.equalizer.high_shelf.gain_db": -6,
  "backing.equalizer.bell_1.gain_db": -6,
  "backing.equalizer.bell_2.gain_db": -6,
  "backing.equalizer.bell_3.gain_db": -6,
});
const PLAIN = withKnobs({
  "vocal.highpass.enabled": false,
  "vocal.equalizer.enabled": false,
  "backing.equalizer.enabled": false,
  "reverb.enabled": false,
  "master.enabled": false,
});
const numbers = KNOBS.filter((knob): knob is NumberKnob => knob.kind === "number");

function playing(vocal = tone(4, 220, 0.25), backing = tone(4, 330, 0.2), plan = BUSY): Stage {
  const stage = new Stage(vocal, backing, plan);
  stage.order({ do: "play" });
  return stage;
}

describe("a knob that is turned", () => {
  // Ends of knobs that make sounds of their own: silence, or thirty decibels into the limiter.
  const ends = (knob: NumberKnob): [number, number] =>
    knob.path in LEVELS || knob.path === "backing.gain_db" ? [-12, 6] : [knob.low, knob.high];

  test.each(numbers.map((knob) => [knob.path, knob] as const))("%s does not click", (path, knob) => {
    const [low, high] = ends(knob);
    const at = (value: number) => withKnobs({ [path]: path === "vocal.offset_ms" ? value / 50 : value }, BUSY);
    const stage = playing(undefined, undefined, at(low));
    const before = stage.play(0.5);
    stage.turn(at(high));
    const during = stage.play(0.15);
    const after = stage.play(0.3);
    const steady = Math.max(sharpest(before.subarray(RATE / 4)), sharpest(after.subarray(RATE / 8)));
    const click = Math.max(peak(before), peak(after)); // of a jump from one to the other
    expect(sharpest(during)).toBeLessThan(steady + click / 80); // 38 dB below; a straight line over 20 ms has click / 480
  });

  test("would click without the glide", () => {
    const jump = new Float32Array(RATE).map((_, i) => (i < RATE / 2 ? 0.1 : 0.2) * Math.sin((2 * Math.PI * 220.3 * i) / RATE));
    expect(sharpest(jump)).toBeGreaterThan(sharpest(jump.subarray(RATE / 2)) + 0.2 / 80);
  });

  test("is heard whole within 50 ms", () => {
    const stage = playing(tone(2, 1000, 0.25), silence(2), PLAIN);
    stage.play(0.5);
    stage.turn(withKnobs({ "vocal.gain_db": -20 }, PLAIN));
    stage.play(0.05);
    expect(peak(stage.play(0.1))).toBeCloseTo(0.025, 4);
  });

  test("may be turned faster than the glide, and the last position counts", () => {
    const stage = playing(tone(2, 1000, 0.25), silence(2), PLAIN);
    for (let db = 0; db > -20; db -= 0.5) {
      stage.turn(withKnobs({ "vocal.gain_db": db }, PLAIN));
      stage.play(0.005);
    }
    stage.play(0.05);
    expect(peak(stage.play(0.1))).toBeCloseTo(0.25 * 10 ** (-19.5 / 20), 4);
  });

  test("leaves the tail of the room alone", () => {
    const burst = tone(3, 500, 0.5);
    const channel = burst.left.map((value, i) => (i < 0.2 * RATE ? value : 0));
    const plan = withKnobs({ "reverb.return_db": 0 }, BUSY);
    const stage = playing({ left: channel, right: channel }, silence(3), plan);
    stage.play(0.5);
    stage.turn(withKnobs({ "reverb.decay_mid_s": 2.5 }, plan));
    stage.play(0.03);
    expect(peak(stage.play(0.1))).toBeGreaterThan(0.01);
  });
});

describe("the transport", () => {
  test("starts at the first sample, whatever the latency", () => {
    const stage = playing(silence(1), ramp(1), PLAIN);
    expect(stage.play(0.1)[1000]).toBeCloseTo(1000 / RATE, 6);
  });

  test("repeats a loop to the sample", () => {
    const stage = playing(silence(2), ramp(2), PLAIN);
    stage.order({ do: "loop", loop: { startS: 0.25, endS: 0.5 } });
    const heard = stage.play(1);
    const afterFade = 0.5 * RATE + 600;
    expect(heard[afterFade]).toBeCloseTo((0.25 * RATE + 600) / RATE, 6);
    expect(heard[afterFade + 0.25 * RATE]).toBe(heard[afterFade]);
    expect(stage.meters.every(({ positionS }) => positionS < 0.5)).toBe(true);
    expect(sharpest(heard)).toBeLessThan(0.25 / (0.01 * RATE) + 1e-4); // crossfade of 10 ms
  });

  test("seeks without a click and tells the new position", () => {
    const stage = playing(silence(2), ramp(2), PLAIN);
    stage.play(0.2);
    stage.order({ do: "seek", positionS: 1 });
    const heard = stage.play(0.2);
    expect(heard.at(-1)).toBeCloseTo(1.2, 2);
    expect(stage.meters.at(-1)?.positionS).toBeCloseTo(1.2, 1);
    expect(sharpest(heard)).toBeLessThan(1 / (0.01 * RATE));
  });

  test("may be dragged along without clicks, to where the drag ends", () => {
    const stage = playing(tone(4, 220, 0.25), tone(4, 330, 0.2), PLAIN);
    stage.play(0.2);
    let worst = 0;
    for (let k = 0; k < 40; k++) {
      stage.order({ do: "seek", positionS: 0.5 + 0.0377 * k });
      worst = Math.max(worst, sharpest(stage.play(0.008)));
    }
    expect(worst).toBeLessThan(0.45 / 80);
    stage.play(0.2);
    expect(stage.meters.at(-1)?.positionS).toBeCloseTo(0.5 + 0.0377 * 39 + 0.2, 1);
  });

  test("stays in a loop whose end is nearer than the look-ahead", () => {
    const stage = playing(silence(2), ramp(2), PLAIN);
    stage.play(0.5);
    stage.order({ do: "loop", loop: { startS: 0.25, endS: 0.504 } });
    stage.play(0.3);
    expect(stage.meters.at(-1)?.positionS).toBeLessThan(0.504);
    stage.order({ do: "seek", positionS: 0.5 });
    stage.play(0.4);
    expect(stage.meters.at(-1)?.positionS).toBeLessThan(0.504);
  });

  test("pauses in 10 ms and goes on where it was", () => {
    const stage = playing(silence(2), ramp(2), PLAIN);
    stage.play(0.5);
    stage.order({ do: "pause" });
    stage.play(0.02);
    expect(peak(stage.play(0.2))).toBe(0);
    const paused = stage.meters.at(-1);
    expect(paused?.playing).toBe(false);
    stage.order({ do: "play" });
    expect(stage.play(0.1).at(-1)).toBeCloseTo((paused?.positionS ?? 0) + 0.1, 2);
  });

  test("moved while paused it starts there", () => {
    const stage = new Stage(silence(2), ramp(2), PLAIN);
    stage.order({ do: "seek", positionS: 0.5 });
    stage.order({ do: "play" });
    const heard = stage.play(0.1);
    expect(heard[2000]).toBeCloseTo(0.5 + 2000 / RATE, 6);
  });

  test("ends, and says so", () => {
    const stage = playing(silence(0.5), ramp(0.5), PLAIN);
    stage.play(0.6);
    expect(stage.news.at(-1)).toEqual({ ended: true });
    expect(stage.meters.at(-1)).toMatchObject({ playing: false, positionS: 0 });
    expect(peak(stage.play(0.1))).toBe(0);
  });
});

describe("what is heard", () => {
  test("changes to another slot within 10 ms, at the same position", () => {
    const stage = playing(silence(2), ramp(2), PLAIN);
    stage.turn(withKnobs({ "backing.gain_db": -20 }, PLAIN), 1);
    stage.play(0.5);
    stage.order({ do: "select", deck: 1 });
    stage.play(0.0133);
    const heard = stage.play(0.1);
    const frame = Math.round(0.5 * RATE / QUANTUM) * QUANTUM + Math.round((0.0133 * RATE) / QUANTUM) * QUANTUM;
    expect(heard[0]).toBeCloseTo((0.1 * frame) / RATE, 5);
  });

  test("can be the vocal alone", () => {
    const stage = playing(tone(1, 1000, 0.25), ramp(1), PLAIN);
    stage.order({ do: "heard", part: 2, heard: false });
    stage.play(0.02);
    expect(peak(stage.play(0.1))).toBeCloseTo(0.25, 4);
  });

  test("is metered", () => {
    const stage = playing(tone(4, 1000, 0.5), silence(4), PLAIN);
    stage.play(3.5);
    const meters = stage.meters.at(-1);
    // a tone of 1 kHz on both channels at -6.02 dBFS: -3.01 dB of power each, two channels, K-weighting about +0.7 - 0.691
    expect(meters?.integratedLufs).toBeCloseTo(-6.02, 1);
    expect(meters?.shortTermLufs).toBeCloseTo(-6.02, 1);
    expect(meters?.truePeakDbtp).toBeCloseTo(-6.02, 1);
    expect(meters?.peakDbfs[0]).toBeCloseTo(-6.02, 1);
  });

  test("shows how far the compressor and the limiter turn down", () => {
    const plan = withKnobs({ "vocal.compressor.enabled": true, "vocal.compressor.threshold_db": -26, "master.enabled": true, "master.gain_db": 30 }, PLAIN);
    const stage = playing(tone(2, 1000, 0.5), silence(2), plan);
    stage.play(1);
    expect(stage.meters.at(-1)?.reductionDb).toBeCloseTo(-20 * (1 - 1 / 3), 0); // 20 dB over, 3 : 1
    expect(stage.meters.at(-1)?.limiterDb).toBeCloseTo(-(30 - 6 - 13.3 + 1), 0);
  });
});
