// Asks the server to decide and to listen, newest question first; knows nothing of how it is shown.
import { setKnob } from "../engine";
import { onStep } from "../pure/scale";
import { KNOBS, type MixPlan, type NumberKnob } from "../generated/plan";
import { api, Refusal } from "./api";
import { decided as hearIt } from "./player";
import { accept, edit, endStep, lockText, onEdit, settings } from "./edit";
import { doc, fresh, heard, notices, problem, project, said, solving } from "./store";
import type { Doc, Wishes } from "./types";

const SOLVE_AFTER_MS = 250;
const LISTEN_AFTER_MS = 500;

export const NEUTRAL: Omit<Wishes, "method"> = {
  model: null,
  amount: 100,
  vocal_level_lu: 0,
  vocal_tone_db: 0,
  reverb_level_db: 0,
};

let solveTimer = 0;
let listenTimer = 0;
let refining = false;

onEdit(() => {
  if (!fresh.peek()) listenSoon();
});

/** Decide a first time: what comes is the suggestion, and where a mix begins. */
export async function suggest(id: string, wishes: Wishes): Promise<void> {
  const decided = await api.decide(id, { ...wishes, settings: [] });
  notices.value = decided.notices;
  if (project.peek()?.id !== id) return;
  accept({ wishes, suggestion: decided.plan, mine: decided.plan, locks: [], solved: "" });
  hearIt();
  await refine(decided.plan, true);
}

/** Move a slider or choose another method: heard at once as far as it can be, then everything is solved again. */
export function wish(change: Partial<Wishes>, what: string): void {
  const now = doc.peek();
  if (!now) return;
  const wishes = { ...now.wishes, ...change };
  edit({ ...now, wishes, mine: foretaste(now.mine, now.wishes, wishes, now.locks) }, what);
  clearTimeout(solveTimer);
  clearTimeout(listenTimer);
  solving.value = true;
  solveTimer = window.setTimeout(() => {
    if (doc.peek()?.wishes === wishes) void solve(what);
    else solving.value = false; // undone before it began
  }, SOLVE_AFTER_MS);
}

let newest = 0;

/** Solve everything that is not locked. */
export async function solve(what: string): Promise<void> {
  const [now, id] = [doc.peek(), project.peek()?.id];
  if (!now || !id) return;
  const turn = ++newest;
  solving.value = true;
  try {
    const asked = { ...now.wishes, settings: settings(now) };
    const methodChanged = now.wishes.method !== now.suggestion.method || what === "method";
    const decided = await api.decide(id, asked);
    const suggestion = methodChanged
      ? (await api.decide(id, { ...NEUTRAL, method: now.wishes.method, model: now.wishes.model, settings: [] })).plan
      : now.suggestion;
    const latest = doc.peek();
    if (turn !== newest || !latest || latest.wishes !== now.wishes) return; // overtaken, or undone
    if (latest.locks !== now.locks) return void solve(what); // a knob was turned meanwhile
    notices.value = decided.notices;
    edit({ ...latest, suggestion, mine: decided.plan, solved: lockText(latest) }, what, true);
    solving.value = false;
    said.value = "Solved again";
    await refine(decided.plan, false);
  } catch (error) {
    refuse(error);
  } finally {
    if (turn === newest) solving.value = false;
  }
}

/** Render and measure a plan that was just decided; its master rises by what the limiter took. */
async function refine(plan: MixPlan, isSuggestion: boolean): Promise<void> {
  const id = project.peek()?.id;
  if (!id) return;
  refining = true;
  try {
    const found = await api.listen(id, plan, true);
    const now = doc.peek();
    if (!now || project.peek()?.id !== id) return;
    const untouched = now.mine === plan;
    const suggestion = isSuggestion && now.suggestion === plan ? found.plan : now.suggestion;
    heard.value = found;
    accept({ ...now, suggestion, mine: untouched ? found.plan : now.mine });
    fresh.value = untouched;
  } catch (error) {
    refuse(error);
  } finally {
    refining = false;
    if (!fresh.peek()) listenSoon();
  }
}

/** Measure the plan as it is, once it has been left alone for a moment. */
export function listenSoon(): void {
  clearTimeout(listenTimer);
  listenTimer = window.setTimeout(() => void listen(), LISTEN_AFTER_MS);
}

async function listen(): Promise<void> {
  const [now, id] = [doc.peek(), project.peek()?.id];
  if (!now || !id || fresh.peek() || solving.peek() || refining) return;
  try {
    const found = await api.listen(id, now.mine, false);
    if (doc.peek()?.mine !== now.mine || project.peek()?.id !== id) return;
    heard.value = found;
    fresh.value = true;
  } catch (error) {
    refuse(error);
  }
}

/** Show what was refused, unless it was only overtaken by a newer question. */
export function refuse(error: unknown): void {
  if (error instanceof Refusal && error.code === "superseded") return;
  problem.value =
    error instanceof Refusal
      ? { code: error.code, message: error.message }
      : { code: "internal", message: error instanceof Error ? error.message : String(error) };
}

/** What a slider will come to, near enough to hear it at once. */
function foretaste(plan: MixPlan, before: Wishes, after: Wishes, locks: readonly string[]): MixPlan {
  const tone = (after.vocal_tone_db - before.vocal_tone_db) / 2;
  const moves: [string, number][] = [
    ["vocal.gain_db", after.vocal_level_lu - before.vocal_level_lu],
    ["vocal.equalizer.low_shelf.gain_db", -tone],
    ["vocal.equalizer.high_shelf.gain_db", tone],
    ["reverb.return_db", after.reverb_level_db - before.reverb_level_db],
  ];
  return moves
    .filter(([path, by]) => by !== 0 && !locks.includes(path))
    .reduce((moved, [path, by]) => setKnob(moved, path, onStep(numberKnob(path), numberAt(moved, path) + by)), plan);
}

const numberKnob = (path: string): NumberKnob => KNOBS.find((knob) => knob.path === path) as NumberKnob;
const numberAt = (plan: MixPlan, path: string): number =>
  path.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], plan) as number;

/** Set sliders and locked knobs at once, as a preset does, and solve the rest. */
export function start(wishes: Wishes, knobs: Readonly<Record<string, number | boolean>>, what: string): void {
  const now = doc.peek();
  if (!now) return;
  const known = Object.entries(knobs).filter(([path]) => KNOBS.some((knob) => knob.path === path));
  const mine = known.reduce((plan, [path, value]) => setKnob(plan, path, value), now.mine);
  endStep();
  edit({ ...now, wishes: { ...NEUTRAL, ...wishes }, mine, locks: known.map(([path]) => path) } as Doc, what);
  solving.value = true;
  void solve(what);
}
