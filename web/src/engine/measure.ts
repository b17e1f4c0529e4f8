// A worker that renders whole mixes, to say how loud they are. A newer question about a slot drops the older one.
import type { DeckPlan } from "./protocol";
import type { Measured, Slot, Stems } from "./types";
import { Whole } from "./whole";

export type Question =
  | { readonly module: ArrayBuffer; readonly stems: Stems }
  | { readonly slot: Slot; readonly key: string; readonly plan: DeckPlan };
export interface Answer {
  readonly key: string;
  readonly measured: Measured;
}

type Asked = Extract<Question, { slot: Slot }>;

const SLICE_S = 2; // of sound between looks at new questions

let module: WebAssembly.Module | undefined;
let stems: Stems | undefined;
const waiting = new Map<Slot, Asked>();
let running = false;

self.onmessage = ({ data }: MessageEvent<Question>) => {
  if ("slot" in data) waiting.set(data.slot, data);
  else {
    module = new WebAssembly.Module(data.module);
    stems = data.stems;
  }
  if (!running) void run();
};

async function run(): Promise<void> {
  running = true;
  for (let next = first(); next && module && stems; next = first()) {
    const [slot, asked] = next;
    const measured = await measure(
      new Whole(module, stems, asked.plan),
      SLICE_S * stems.sampleRate,
      () => waiting.get(slot) === asked,
    );
    if (waiting.get(slot) !== asked) continue;
    waiting.delete(slot);
    if (measured) self.postMessage({ key: asked.key, measured } satisfies Answer);
  }
  running = false;
}

function first(): [Slot, Asked] | undefined {
  return waiting.entries().next().value;
}

/** Render a plan from start to end; undefined when it is no longer wanted. */
async function measure(whole: Whole, sliceFrames: number, wanted: () => boolean): Promise<Measured | undefined> {
  const slice = [new Float32Array(sliceFrames), new Float32Array(sliceFrames)] as const;
  while (whole.left > 0) {
    const [left, right] = slice;
    whole.process([left.subarray(0, whole.left), right.subarray(0, whole.left)]);
    await new Promise((resume) => setTimeout(resume)); // lets newer questions in
    if (!wanted()) return undefined;
  }
  return whole.measured();
}
