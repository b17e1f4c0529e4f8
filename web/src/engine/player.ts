// Stems, transport and core together: fills quanta of sound. Runs in the worklet, in the measuring worker and in tests;
// knows nothing of WebAudio.
import { Core, QUANTUM } from "./core";
import type { DeckPlan, News, Order } from "./protocol";
import { Reader } from "./reader";
import type { Loop, Meters, Stems } from "./types";

const FADE_S = 0.01;
const SHORTEST_LOOP_S = 0.05;
const REPORTS_PER_S = 30;

/** Where a quantum goes: the mix, and the processed vocal and backing of the heard deck for spectra. */
export interface Outputs {
  readonly mix: readonly Float32Array[];
  readonly vocal?: readonly Float32Array[];
  readonly backing?: readonly Float32Array[];
}

export class Player {
  private readonly vocals: readonly Reader[];
  private readonly backing: Reader;
  private readonly offsets: number[];
  private readonly fadeFrames: number;
  private readonly reportFrames: number;
  private deck = 0;
  private position = 0; // of the next frame to read; what is heard is `latency` frames behind
  private loop: { readonly start: number; readonly end: number } | null = null;
  private wrapped = false;
  private playing = false;
  private fresh = true; // the core holds no sound of this place yet
  private gain = 0;
  private sinceReport = 0;
  private wanted: number | null = null; // where to jump once the last jump has faded
  private settling = 0;

  constructor(
    readonly core: Core,
    private readonly stems: Stems,
    plan: DeckPlan,
    private readonly post: (news: News) => void,
  ) {
    this.fadeFrames = Math.round(FADE_S * stems.sampleRate);
    this.reportFrames = stems.sampleRate / REPORTS_PER_S;
    this.vocals = core.decks.map(() => new Reader(stems.vocal, this.fadeFrames));
    this.backing = new Reader(stems.backing, this.fadeFrames);
    this.offsets = core.decks.map(() => plan.offset);
  }

  /** Length of the mix of a deck in frames: the longer of the two, the vocal moved by its offset. */
  length(deck: number): number {
    return Math.max(this.stems.vocal.left.length + (this.offsets[deck] ?? 0), this.stems.backing.left.length);
  }

  obey(order: Order): void {
    switch (order.do) {
      case "plan":
        this.core.setPlan(order.deck, order.plan.knobs);
        this.offsets[order.deck] = order.plan.offset;
        break;
      case "select":
        this.deck = order.deck;
        this.core.select(order.deck);
        this.core.restartMeters(false);
        break;
      case "heard":
        this.core.setHeard(order.part, order.heard);
        break;
      case "play":
        this.playing = true;
        break;
      case "pause":
        this.playing = false;
        break;
      case "seek":
        this.seek(Math.round(order.positionS * this.stems.sampleRate));
        break;
      case "loop":
        this.setLoop(order.loop);
    }
  }

  /** Begin at full level, as an export does. */
  startAtOnce(): void {
    this.playing = true;
    this.gain = 1;
  }

  /** Fill one quantum. */
  process(to: Outputs): void {
    const frames = to.mix[0]?.length ?? 0;
    if (!this.playing && this.gain === 0) return;
    if (this.fresh) this.startFresh();
    else if (this.wanted !== null && this.settling <= 0) this.jump(this.wanted);
    this.step(frames);
    this.give(to, frames);
    this.sinceReport += frames;
    const silent = !this.playing && this.gain === 0;
    if (silent && this.wanted !== null) this.place(this.wanted);
    else if (this.heardFrame() >= this.length(this.deck)) this.end();
    else if (silent || this.sinceReport >= this.reportFrames) this.report();
  }

  private seek(frame: number): void {
    const to = Math.min(Math.max(frame, 0), this.length(this.deck));
    if (this.fresh || (!this.playing && this.gain === 0)) this.place(to);
    else this.wanted = to;
  }

  /** Be somewhere else while nothing is heard. */
  private place(to: number): void {
    this.wanted = null;
    this.wrapped = false;
    this.position = to;
    this.gain = 0;
    this.fresh = true;
    this.report();
  }

  /** Read on elsewhere, so that what is heard is there after the fade. */
  private jump(to: number): void {
    this.wanted = null;
    this.settling = this.fadeFrames;
    this.wrapped = false;
    this.position = to + this.core.latency;
    this.stayInLoop(to);
    this.core.restartMeters(false);
  }

  /** What is heard is before the end of the loop, what is read may be behind it already. */
  private stayInLoop(heard: number): void {
    if (!this.loop || heard >= this.loop.end || this.position < this.loop.end) return;
    this.position -= this.loop.end - this.loop.start;
    this.wrapped = true;
  }

  private setLoop(loop: Loop | null): void {
    const frames = (seconds: number): number => Math.round(seconds * this.stems.sampleRate);
    const heard = this.heardFrame();
    this.loop = null;
    this.wrapped = false;
    if (!loop) return;
    const start = Math.max(frames(loop.startS), 0);
    this.loop = { start, end: Math.max(frames(loop.endS), start + frames(SHORTEST_LOOP_S)) };
    this.stayInLoop(heard);
  }

  /** Fill the core with this place, so that the first frame that leaves is the one at the position. */
  private startFresh(): void {
    this.fresh = false;
    this.core.restart();
    this.backing.restart(this.position);
    this.vocals.forEach((vocal, deck) => vocal.restart(this.position - (this.offsets[deck] ?? 0)));
    if (this.position === 0) this.gain = 1;
    for (let left = this.core.latency; left > 0; left -= QUANTUM) this.step(Math.min(left, QUANTUM));
    this.core.restartMeters(true);
  }

  /** Read, process, advance. */
  private step(frames: number): void {
    const { decks } = this.core;
    for (let done = 0; done < frames; ) {
      const toLoopEnd = this.loop && this.position < this.loop.end ? this.loop.end - this.position : frames;
      const count = Math.min(frames - done, toLoopEnd);
      const first = decks[0];
      if (first) this.backing.read(first.backing, done, frames, this.position, count);
      decks.forEach(({ vocal }, deck) =>
        this.vocals[deck]?.read(vocal, done, frames, this.position - (this.offsets[deck] ?? 0), count),
      );
      done += count;
      this.position += count;
      if (this.loop && this.position === this.loop.end) {
        this.position = this.loop.start;
        this.wrapped = true;
      }
    }
    for (let deck = 0; deck < decks.length; deck++) {
      if (deck > 0) decks[deck]?.backing.set(decks[0]?.backing ?? []);
      this.core.inside(deck, this.loop ? frames : this.length(deck) - (this.position - frames));
    }
    this.core.process(frames);
    this.settling -= frames;
  }

  private give(to: Outputs, frames: number): void {
    const heard = this.core.decks[this.deck];
    spread(this.core.output, to.mix, frames);
    if (to.vocal && heard) spread(heard.vocal, to.vocal, frames);
    if (to.backing && heard) spread(heard.backing, to.backing, frames);
    const target = this.playing ? 1 : 0;
    if (this.gain === target) {
      if (target === 0) to.mix.forEach((channel) => channel.fill(0));
      return;
    }
    const step = Math.sign(target - this.gain) / this.fadeFrames;
    for (let i = 0; i < frames; i++) {
      this.gain = Math.min(Math.max(this.gain + step, 0), 1);
      for (const channel of to.mix) channel[i] = (channel[i] ?? 0) * this.gain;
    }
  }

  /** Position of what is heard. */
  private heardFrame(): number {
    const behind = this.fresh ? this.position : this.position - this.core.latency;
    if (this.wrapped && this.loop && behind < this.loop.start) return behind + this.loop.end - this.loop.start;
    return Math.max(behind, 0);
  }

  private end(): void {
    this.playing = false;
    this.place(0);
    this.post({ ended: true });
  }

  private report(): void {
    this.sinceReport = 0;
    const { reductionDb, limiterDb, peakDbfs, momentaryLufs, shortTermLufs, integratedLufs, truePeakDbtp } =
      this.core.report();
    const meters: Meters = {
      positionS: this.heardFrame() / this.stems.sampleRate,
      playing: this.playing,
      reductionDb,
      limiterDb,
      peakDbfs,
      momentaryLufs,
      shortTermLufs,
      integratedLufs,
      truePeakDbtp,
    };
    this.post({ meters });
  }
}

/** One block (2, frames) to two channels. */
function spread(block: Float32Array, channels: readonly Float32Array[], frames: number): void {
  channels.forEach((channel, c) => channel.set(block.subarray(c * frames, (c + 1) * frames)));
}
