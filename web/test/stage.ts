// A player of generated sound for tests, without WebAudio.
import { readFileSync } from "node:fs";
import { DEFAULT_PLAN, type MixPlan } from "../src/generated/plan";
import { Core, QUANTUM } from "../src/engine/core";
import { deckPlan, setKnob } from "../src/engine/plan";
import { Player } from "../src/engine/player";
import type { News, Order } from "../src/engine/protocol";
import type { Stem } from "../src/engine/types";

export const RATE = 48000;
const wasm = new WebAssembly.Module(readFileSync(new URL("../src/generated/engine.wasm", import.meta.url)));

export function tone(seconds: number, hz: number, amplitude: number): Stem {
  const channel = Float32Array.from(
    { length: Math.round(seconds * RATE) },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / RATE),
  );
  return { left: channel, right: channel };
}

export const silence = (seconds: number): Stem => tone(seconds, 0, 0);

/** Each number is its own index, so that what is heard says where it was read. */
export function ramp(seconds: number): Stem {
  const channel = Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => i / RATE);
  return { left: channel, right: channel };
}

export function withKnobs(values: Readonly<Record<string, number | boolean>>, plan = DEFAULT_PLAN): MixPlan {
  return Object.entries(values).reduce((made, [path, value]) => setKnob(made, path, value), plan);
}

/** A player, what it said, and a call that plays so many seconds and gives the left channel. */
export class Stage {
  readonly player: Player;
  readonly news: News[] = [];

  constructor(vocal: Stem, backing: Stem, plan: MixPlan) {
    const deck = deckPlan(plan, RATE);
    const core = Core.create(wasm, RATE, deck.knobs);
    for (const other of [1, 2]) core.use(other, false);
    this.player = new Player(core, { sampleRate: RATE, vocal, backing }, deck, (news) => this.news.push(news));
  }

  order(order: Order): void {
    this.player.obey(order);
  }

  turn(plan: MixPlan, deck = 0): void {
    this.player.core.use(deck, true);
    this.order({ do: "plan", deck, plan: deckPlan(plan, RATE) });
  }

  play(seconds: number): Float32Array {
    const quanta = Math.round((seconds * RATE) / QUANTUM);
    const left = new Float32Array(quanta * QUANTUM);
    const right = new Float32Array(QUANTUM);
    for (let at = 0; at < left.length; at += QUANTUM)
      this.player.process({ mix: [left.subarray(at, at + QUANTUM), right] });
    return left;
  }

  get meters() {
    return this.news.flatMap((news) => ("meters" in news ? [news.meters] : []));
  }
}

/** The sharpest corner in a sound: its largest second difference. */
export function sharpest(x: Float32Array): number {
  let top = 0;
  for (let i = 2; i < x.length; i++) top = Math.max(top, Math.abs((x[i] ?? 0) - 2 * (x[i - 1] ?? 0) + (x[i - 2] ?? 0)));
  return top;
}

export const peak = (x: Float32Array): number => x.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
