// The engine's own files: WebAssembly, and the script of the worklet.
import wasmUrl from "../generated/engine.wasm?url";
import workletUrl from "./worklet?worker&url";
import { PROCESSOR, type DeckPlan, type Setup } from "./protocol";
import type { Stem, Stems } from "./types";

let bytes: Promise<ArrayBuffer> | undefined;

/** Fetch the core once. */
export function wasmBytes(): Promise<ArrayBuffer> {
  bytes ??= fetch(wasmUrl).then((answer) => {
    if (!answer.ok) throw new Error(`${wasmUrl}: ${answer.status} ${answer.statusText}`);
    return answer.arrayBuffer();
  });
  return bytes;
}

/** Put a processor into a context. */
export async function makeNode(
  context: BaseAudioContext,
  stems: Stems,
  plan: DeckPlan,
  playing: boolean,
): Promise<AudioWorkletNode> {
  const [module] = await Promise.all([wasmBytes(), context.audioWorklet.addModule(workletUrl)]);
  const setup: Setup = { module, stems, plan, playing };
  return new AudioWorkletNode(context, PROCESSOR, {
    numberOfInputs: 0,
    numberOfOutputs: 3,
    outputChannelCount: [2, 2, 2],
    processorOptions: setup,
  });
}

/** Make a stem of float32 samples, channel after channel (what the server sends); one channel is heard on both sides. */
export function stemOf(samples: ArrayBufferLike, channels: 1 | 2): Stem {
  const frames = samples.byteLength / Float32Array.BYTES_PER_ELEMENT / channels;
  const left = new Float32Array(samples, 0, frames);
  const right = channels === 1 ? left : new Float32Array(samples, frames * Float32Array.BYTES_PER_ELEMENT, frames);
  return { left, right };
}

/** The same stems in memory that worklet and worker can read without a copy, where the page may share memory. */
export function sharedStems(stems: Stems): Stems {
  if (typeof SharedArrayBuffer === "undefined" || !globalThis.crossOriginIsolated) return stems;
  return { ...stems, vocal: shared(stems.vocal), backing: shared(stems.backing) };
}

function shared({ left, right }: Stem): Stem {
  const channel = sharedCopy(left);
  return { left: channel, right: right === left ? channel : sharedCopy(right) };
}

function sharedCopy(samples: Float32Array): Float32Array {
  if (samples.buffer instanceof SharedArrayBuffer) return samples;
  const copy = new Float32Array(new SharedArrayBuffer(samples.byteLength));
  copy.set(samples);
  return copy;
}
