// The engine as the page sees it: an AudioContext, the worklet in it, two analysers, and the measuring worker.
import { DEFAULT_PLAN, type MixPlan } from "../generated/plan";
import { Figures } from "./figures";
import { makeNode, sharedStems, wasmBytes } from "./files";
import { louder, matchDb, slotPlans } from "./matching";
import { deckPlan } from "./plan";
import { deckOf, PARTS, type News, type Order } from "./protocol";
import { SLOTS, type Engine, type EngineEvents, type Loop, type MatchDb, type Measured, type Part } from "./types";
import type { Slot, Spectra, Stems } from "./types";

const FFT_SIZE = 4096;

type Listeners = { [Name in keyof EngineEvents]: Set<(event: EngineEvents[Name]) => void> };

/** Make an engine for two stems; it is silent until `play`. Rejects when the browser cannot play at their rate. */
export async function createEngine(stems: Stems): Promise<Engine> {
  const context = new AudioContext({ sampleRate: stems.sampleRate, latencyHint: "interactive" });
  const inMemory = sharedStems(stems);
  try {
    const node = await makeNode(context, inMemory, deckPlan(DEFAULT_PLAN, stems.sampleRate), false);
    return new WorkletEngine(context, node, await wasmBytes(), inMemory);
  } catch (error) {
    await context.close();
    throw error;
  }
}

class WorkletEngine implements Engine {
  slot: Slot = "mine";
  matchDb: MatchDb = matchDb({});
  private suggestion = DEFAULT_PLAN;
  private mine = DEFAULT_PLAN;
  private matched = true;
  private readonly measured: Partial<Record<Slot, Measured>> = {};
  private readonly figures: Figures;
  private readonly analysers: readonly AnalyserNode[];
  private readonly seen: Spectra;
  private readonly listeners: Listeners = {
    meters: new Set(),
    measured: new Set(),
    match: new Set(),
    ended: new Set(),
    failed: new Set(),
  };

  constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    module: ArrayBuffer,
    private readonly stems: Stems,
  ) {
    node.connect(context.destination, 0);
    this.analysers = [1, 2].map((output) => {
      const analyser = new AnalyserNode(context, { fftSize: FFT_SIZE, smoothingTimeConstant: 0.7 });
      node.connect(analyser, output);
      return analyser;
    });
    const bins = FFT_SIZE / 2;
    this.seen = {
      binHz: context.sampleRate / FFT_SIZE,
      vocalDb: new Float32Array(bins),
      backingDb: new Float32Array(bins),
    };
    node.port.onmessage = ({ data }: MessageEvent<News>) => this.hear(data);
    node.onprocessorerror = () => this.tell("failed", "the sound processor stopped; load the page again");
    this.figures = new Figures(module, stems, (slot, measured) => this.learn(slot, measured));
    this.order({ do: "select", deck: deckOf(this.slot) });
  }

  get sampleRate(): number {
    return this.stems.sampleRate;
  }

  get durationS(): number {
    const { offset } = deckPlan(this.mine, this.sampleRate);
    return Math.max(this.stems.vocal.left.length + offset, this.stems.backing.left.length) / this.sampleRate;
  }

  setPlan(slot: "suggestion" | "mine", plan: MixPlan): void {
    deckPlan(plan, this.sampleRate); // refuses what is not allowed before anything is changed
    this[slot] = plan;
    this.send();
    this.figures.want(slotPlans(this.suggestion, this.mine));
  }

  select(slot: Slot): void {
    this.slot = slot;
    this.order({ do: "select", deck: deckOf(slot) });
  }

  setMatched(matched: boolean): void {
    this.matched = matched;
    this.match();
  }

  setHeard(parts: Partial<Readonly<Record<Part, boolean>>>): void {
    PARTS.forEach((name, part) => {
      const heard = parts[name];
      if (heard !== undefined) this.order({ do: "heard", part, heard });
    });
  }

  async play(): Promise<void> {
    this.order({ do: "play" });
    await this.context.resume();
  }

  pause(): void {
    this.order({ do: "pause" });
  }

  seek(positionS: number): void {
    this.order({ do: "seek", positionS });
  }

  setLoop(loop: Loop | null): void {
    this.order({ do: "loop", loop });
  }

  spectra(): Spectra {
    this.analysers[0]?.getFloatFrequencyData(this.seen.vocalDb);
    this.analysers[1]?.getFloatFrequencyData(this.seen.backingDb);
    return this.seen;
  }

  on<Name extends keyof EngineEvents>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void {
    this.listeners[name].add(listener);
    return () => this.listeners[name].delete(listener);
  }

  async dispose(): Promise<void> {
    this.figures.stop();
    this.node.disconnect();
    await this.context.close();
  }

  private order(order: Order): void {
    this.node.port.postMessage(order);
  }

  private tell<Name extends keyof EngineEvents>(name: Name, event: EngineEvents[Name]): void {
    for (const listener of this.listeners[name]) listener(event);
  }

  private hear(news: News): void {
    if ("meters" in news) this.tell("meters", news.meters);
    else this.tell("ended", undefined);
  }

  /** Give every deck its plan; the core lets what has not changed alone. */
  private send(): void {
    const plans = slotPlans(this.suggestion, this.mine);
    for (const slot of SLOTS) {
      const plan = louder(plans[slot], this.matchDb[slot]);
      this.order({ do: "plan", deck: deckOf(slot), plan: deckPlan(plan, this.sampleRate) });
    }
  }

  private learn(slot: Slot, measured: Measured): void {
    this.measured[slot] = measured;
    this.tell("measured", { slot, measured });
    this.match();
  }

  private match(): void {
    this.matchDb = matchDb(this.matched ? this.measured : {});
    this.send();
    this.tell("match", this.matchDb);
  }
}
