// A worker that renders whole mixes, to say how loud they are. A newer question about a slot drops the older one.
import { Core, QUANTUM } from "./core";
import { Player } from "./player";
import type { DeckPlan } from "./protocol";
import type { Measured, Slot, Stems } from "./types";

export type Question =
  | { readonly module: ArrayBuffer; readonly stems: Stems }
  | { readonly slot: Slot; readonly plan: DeckPlan };
export interface Answer {
  readonly slot: Slot;
  readonly measured: Measured;
}

const SLICE_S = 2; // of sound between looks at new questions

let module: WebAssembly.Module | undefined;
let stems: Stems | undefined;
const waiting = new Map<Slot, DeckPlan>();
let running = false;

self.onmessage = ({ data }: MessageEvent<Question>) => {
  if ("slot" in data) waiting.set(data.slot, data.plan);
  else {
    module = new WebAssembly.Module(data.module);
    stems = data.stems;
  }
  if (!running) void run();
};

async function run(): Promise<void> {
  running = true;
  for (let next = first(); next && module && stems; next = first()) {
    const [slot, plan] = next;
    const measured = await measure(module, stems, plan, () => waiting.get(slot) === plan);
    if (waiting.get(slot) !== plan) continue;
    waiting.delete(slot);
    if (measured) self.postMessage({ slot, measured } satisfies Answer);
  }
  running = false;
}

function first(): [Slot, DeckPlan] | undefined {
  return waiting.entries().next().value;
}

/** Render a plan from start to end; undefined when it is no longer wanted. */
async function measure(
  module: WebAssembly.Module,
  stems: Stems,
  plan: DeckPlan,
  wanted: () => boolean,
): Promise<Measured | undefined> {
  const core = Core.create(module, stems.sampleRate, plan.knobs);
  for (const deck of [1, 2]) core.use(deck, false);
  const player = new Player(core, stems, plan, () => undefined);
  player.startAtOnce();
  const mix = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
  const length = player.length(0);
  for (let done = 0; done < length; ) {
    for (const slice = done + SLICE_S * stems.sampleRate; done < Math.min(slice, length); done += QUANTUM)
      player.process({ mix });
    await new Promise((resume) => setTimeout(resume));
    if (!wanted()) return undefined;
  }
  return figures(core);
}

function figures(core: Core): Measured {
  const { integratedLufs, loudnessRangeLu, truePeakDbtp, limiterMostDb } = core.report(true);
  return { integratedLufs, loudnessRangeLu, truePeakDbtp, limiterDb: limiterMostDb };
}
