// What a person does to a mix: turn, switch, lock, go back, undo. Every edit is one new value.
import { getKnob, setKnob } from "../engine";
import { KNOBS } from "../generated/plan";
import type { Json } from "../pure/change";
import { redone, remembered, undone } from "../pure/history";
import { doc, fresh, history, said } from "./store";
import type { Doc } from "./types";

const JOIN_MS = 1200; // turns of the same knob within this time are one step of undo

let last = { what: "", at: 0 };
type Listener = (now: Doc) => void;
const listeners = new Set<Listener>();

/** Be told of every new value, whoever made it. */
export function onEdit(listener: Listener): void {
  listeners.add(listener);
}

/** Put a new value in the place of the old; `what` names it for undo. With `joins` it completes the step before. */
export function edit(next: Doc, what: string, joins = false): void {
  const before = doc.peek();
  if (!before || before === next) return;
  const now = performance.now();
  const goesOn = joins || (last.what === what && now - last.at < JOIN_MS);
  history.value = remembered(history.peek(), content(before), content(next), what, goesOn);
  last = { what, at: now };
  accept(next);
}

/** Show a value that came from elsewhere. */
export function accept(next: Doc): void {
  if (next.mine !== doc.peek()?.mine) fresh.value = false;
  doc.value = next;
  for (const listener of listeners) listener(next);
}

/** Let the next edit be a step of its own. */
export function endStep(): void {
  last = { what: "", at: 0 };
}

const content = (value: Doc): Json => value as unknown as Json;

/** Turn a knob or a switch; from then on it is the person's and stays when the rest is solved again. */
export function turn(values: Readonly<Record<string, number | boolean>>, what: string): void {
  const now = doc.peek();
  if (!now) return;
  const mine = Object.entries(values).reduce((plan, [path, value]) => setKnob(plan, path, value), now.mine);
  edit({ ...now, mine, locks: union(now.locks, Object.keys(values)) }, what);
}

/** Lock or unlock knobs; an unlocked one is solved with the rest the next time. */
export function setLocked(paths: readonly string[], on: boolean, what: string): void {
  const now = doc.peek();
  if (!now) return;
  const locks = on ? union(now.locks, paths) : now.locks.filter((path) => !paths.includes(path));
  edit({ ...now, locks }, `${on ? "lock" : "unlock"} ${what}`);
  said.value = `${what} ${on ? "locked" : "unlocked"}`;
}

/** Go back to the suggestion. */
export function reset(paths: readonly string[], what: string): void {
  const now = doc.peek();
  if (!now) return;
  const mine = paths.reduce((plan, path) => setKnob(plan, path, getKnob(now.suggestion, path)), now.mine);
  endStep();
  edit({ ...now, mine, locks: now.locks.filter((path) => !paths.includes(path)) }, `reset ${what}`);
  said.value = `${what} is as suggested`;
}

export function undo(): void {
  travel(undone, "Undone");
}

export function redo(): void {
  travel(redone, "Done again");
}

function travel(step: typeof undone, word: string): void {
  const now = doc.peek();
  const found = now && step(history.peek(), now);
  if (!found) return;
  endStep();
  history.value = found.history;
  accept(found.value);
  said.value = `${word}: ${found.what}`;
}

/** The locked knobs with their values, as wishes take them. */
export function settings(value: Doc): string[] {
  const known = new Set(KNOBS.map((knob) => knob.path));
  return value.locks
    .filter((path) => known.has(path))
    .map((path) => {
      const held = getKnob(value.mine, path);
      return `${path}=${typeof held === "boolean" ? (held ? "on" : "off") : held}`;
    });
}

export const lockText = (value: Doc): string => settings(value).sort().join(" ");

const union = (one: readonly string[], other: readonly string[]): string[] => [...new Set([...one, ...other])];
