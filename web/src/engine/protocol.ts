// What the page's side of the engine and the sound's side say to each other.
import type { Loop, Meters, Part, Slot, Stems } from "./types";
import { SLOTS } from "./types";

export const PARTS: readonly Part[] = ["vocal", "reverb", "backing"];
export const deckOf = (slot: Slot): number => SLOTS.indexOf(slot);
export const PROCESSOR = "sitwell-engine";

/** All knobs in the core's order, and the vocal's offset in frames. */
export interface DeckPlan {
  readonly knobs: Float64Array;
  readonly offset: number;
}

/** What a processor is made with. `playing`: it starts by itself, without fades, as an export does. */
export interface Setup {
  readonly module: ArrayBuffer;
  readonly stems: Stems;
  readonly plan: DeckPlan;
  readonly playing: boolean;
}

export type Order =
  | { readonly do: "plan"; readonly deck: number; readonly plan: DeckPlan }
  | { readonly do: "select"; readonly deck: number }
  | { readonly do: "heard"; readonly part: number; readonly heard: boolean }
  | { readonly do: "play" }
  | { readonly do: "pause" }
  | { readonly do: "seek"; readonly positionS: number }
  | { readonly do: "loop"; readonly loop: Loop | null };

export type News = { readonly meters: Meters } | { readonly ended: true };
