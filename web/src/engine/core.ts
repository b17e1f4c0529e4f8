// The C++ core as WebAssembly, in typed words: one engine in one memory. Knows nothing of WebAudio.

/** The exports of core/wasm/engine.cpp. Pointers are byte offsets into the memory. */
interface Exports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global<"i32">;
  engine_knobs(): number;
  engine_quantum(): number;
  engine_memory_needed(sampleRate: number): number;
  engine_create(memory: number, sampleRate: number, plan: number): number;
  engine_set_plan(engine: number, deck: number, plan: number): void;
  engine_use(engine: number, deck: number, used: number): void;
  engine_select(engine: number, deck: number): void;
  engine_set_heard(engine: number, part: number, heard: number): void;
  engine_restart(engine: number): void;
  engine_restart_meters(engine: number, fromSilence: number): void;
  engine_latency(engine: number): number;
  engine_vocal(engine: number, deck: number): number;
  engine_backing(engine: number, deck: number): number;
  engine_inside(engine: number, deck: number, frames: number): void;
  engine_output(engine: number): number;
  engine_process(engine: number, frames: number): void;
  engine_report(engine: number, to: number, over: number): void;
}

export interface Report {
  readonly reductionDb: number;
  readonly limiterDb: number;
  readonly peakDbfs: readonly [number, number];
  readonly momentaryLufs: number;
  readonly shortTermLufs: number;
  readonly integratedLufs: number;
  readonly truePeakDbtp: number;
  /** Only when it is `over`. */
  readonly loudnessRangeLu: number;
  /** Largest gain of the limiter since the start, <= 0. */
  readonly limiterMostDb: number;
}

/** Stereo blocks of one deck, (2, frames) with the right channel at + frames; read after `process`, too. */
export interface DeckBlocks {
  readonly vocal: Float32Array;
  readonly backing: Float32Array;
}

export const QUANTUM = 128;
const PAGE = 65536;
const REPORT_NUMBERS = 10;
const aligned = (address: number): number => Math.ceil(address / 64) * 64;

export class Core {
  /** Frames by which the output is late. */
  readonly latency: number;
  /** What is heard, (2, frames). */
  readonly output: Float32Array;
  readonly decks: readonly DeckBlocks[];
  private readonly plan: Float64Array;
  private readonly numbers: Float64Array;

  private constructor(
    private readonly wasm: Exports,
    private readonly engine: number,
    plan: Float64Array,
  ) {
    const floats = (at: number) => new Float32Array(wasm.memory.buffer, at, 2 * QUANTUM);
    this.plan = plan;
    this.numbers = new Float64Array(wasm.memory.buffer, plan.byteOffset + plan.byteLength, REPORT_NUMBERS);
    this.latency = wasm.engine_latency(engine);
    this.output = floats(wasm.engine_output(engine));
    this.decks = [0, 1, 2].map((deck) => ({
      vocal: floats(wasm.engine_vocal(engine, deck)),
      backing: floats(wasm.engine_backing(engine, deck)),
    }));
  }

  /** Make an engine whose decks all have one plan (all knobs, in the order of the schema). */
  static create(module: WebAssembly.Module, sampleRate: number, knobs: Float64Array): Core {
    const wasm = new WebAssembly.Instance(module).exports as Exports;
    if (wasm.engine_knobs() !== knobs.length || wasm.engine_quantum() !== QUANTUM)
      throw new Error("engine.wasm was built for another plan; run `make web`");
    const planAt = aligned(wasm.__heap_base.value);
    const engineAt = aligned(planAt + (knobs.length + REPORT_NUMBERS) * Float64Array.BYTES_PER_ELEMENT);
    const end = engineAt + wasm.engine_memory_needed(sampleRate);
    wasm.memory.grow(Math.max(0, Math.ceil((end - wasm.memory.buffer.byteLength) / PAGE)));
    const plan = new Float64Array(wasm.memory.buffer, planAt, knobs.length);
    plan.set(knobs);
    return new Core(wasm, wasm.engine_create(engineAt, sampleRate, planAt), plan);
  }

  setPlan(deck: number, knobs: Float64Array): void {
    this.plan.set(knobs);
    this.wasm.engine_set_plan(this.engine, deck, this.plan.byteOffset);
  }

  use(deck: number, used: boolean): void {
    this.wasm.engine_use(this.engine, deck, Number(used));
  }

  select(deck: number): void {
    this.wasm.engine_select(this.engine, deck);
  }

  setHeard(part: number, heard: boolean): void {
    this.wasm.engine_set_heard(this.engine, part, Number(heard));
  }

  /** From silence, with the newest plans at once. */
  restart(): void {
    this.wasm.engine_restart(this.engine);
  }

  /** Measure what is heard from now on; `fromSilence`: this is where the sound begins. */
  restartMeters(fromSilence: boolean): void {
    this.wasm.engine_restart_meters(this.engine, Number(fromSilence));
  }

  /** Say how many of the next frames belong to the mix of a deck. */
  inside(deck: number, frames: number): void {
    this.wasm.engine_inside(this.engine, deck, Math.min(Math.max(frames, 0), QUANTUM));
  }

  process(frames: number): void {
    if (frames > QUANTUM) throw new RangeError(`${frames} frames at once; the core takes ${QUANTUM}`);
    this.wasm.engine_process(this.engine, frames);
  }

  /** What was heard; peaks and gains since the last report. `over`: the sound has ended. */
  report(over = false): Report {
    this.wasm.engine_report(this.engine, this.numbers.byteOffset, Number(over));
    const at = (index: number): number => this.numbers[index] ?? Number.NaN;
    return {
      reductionDb: at(0),
      limiterDb: at(1),
      peakDbfs: [at(2), at(3)],
      momentaryLufs: at(4),
      shortTermLufs: at(5),
      integratedLufs: at(6),
      truePeakDbtp: at(7),
      loudnessRangeLu: at(8),
      limiterMostDb: at(9),
    };
  }
}
