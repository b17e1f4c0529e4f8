// Renders a plan from its start through the very worklet that plays it: what an export will be.
import type { MixPlan } from "../generated/plan";
import { makeNode } from "./files";
import { deckPlan } from "./plan";
import type { Rendered, Stems } from "./types";

export async function renderOffline(plan: MixPlan, stems: Stems): Promise<Rendered> {
  const { sampleRate, vocal, backing } = stems;
  const deck = deckPlan(plan, sampleRate);
  const length = Math.max(vocal.left.length + deck.offset, backing.left.length);
  const context = new OfflineAudioContext({ numberOfChannels: 2, length, sampleRate });
  const node = await makeNode(context, stems, deck, true);
  node.connect(context.destination);
  const failed = new Promise<never>((_, reject) => {
    node.onprocessorerror = () => reject(new Error("the sound processor failed"));
  });
  const mix = await Promise.race([context.startRendering(), failed]);
  return { sampleRate, left: mix.getChannelData(0), right: mix.getChannelData(1) };
}
