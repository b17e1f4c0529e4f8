// The figures of whole plans, from a worker that renders them in the background; each plan is rendered once.
import type { MixPlan } from "../generated/plan";
import type { Answer, Question } from "./measure";
import MeasureWorker from "./measure?worker";
import { deckPlan } from "./plan";
import { SLOTS, type Measured, type Slot, type Stems } from "./types";

const SETTLED_MS = 250; // a plan that has not changed for so long is worth measuring

export class Figures {
  private readonly worker = new MeasureWorker();
  private readonly known = new Map<string, Measured>();
  private readonly keys = new Map<Slot, string>();
  private readonly asked = new Map<Slot, string>();
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    module: ArrayBuffer,
    private readonly stems: Stems,
    private readonly learned: (slot: Slot, measured: Measured) => void,
  ) {
    this.worker.postMessage({ module, stems } satisfies Question);
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.known.set(data.key, data.measured);
      for (const [slot, key] of this.keys) if (key === data.key) learned(slot, data.measured);
    };
  }

  /** Have these plans measured, once they stand still. */
  want(plans: Readonly<Record<Slot, MixPlan>>): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.ask(plans), SETTLED_MS);
  }

  stop(): void {
    clearTimeout(this.settling);
    this.worker.terminate();
  }

  private ask(plans: Readonly<Record<Slot, MixPlan>>): void {
    const decks = SLOTS.map((slot) => ({ slot, plan: deckPlan(plans[slot], this.stems.sampleRate) }));
    const keyed = decks.map((deck) => ({ ...deck, key: deck.plan.knobs.join() }));
    for (const { slot, key } of keyed) if (this.asked.get(slot) !== key) this.asked.delete(slot);
    for (const { slot, plan, key } of keyed) {
      if (this.keys.get(slot) === key && this.known.has(key)) continue;
      this.keys.set(slot, key);
      const measured = this.known.get(key);
      if (measured) this.learned(slot, measured);
      else if (![...this.asked.values()].includes(key)) {
        this.asked.set(slot, key);
        this.worker.postMessage({ slot, key, plan } satisfies Question);
      }
    }
  }
}
