// Undo and redo without limit, as changes; knows nothing of what is changed.
import { applied, type Change, difference, type Json } from "./change";

export interface Entry {
  readonly what: string;
  readonly change: Change;
}

export interface History {
  readonly past: readonly Entry[];
  readonly future: readonly Entry[];
}

export const EMPTY: History = { past: [], future: [] };

/** Remember a step; one that goes on with the step before (`joins`) becomes part of it. */
export function remembered(history: History, before: Json, after: Json, what: string, joins: boolean): History {
  const change = difference(before, after);
  if (Object.keys(change).length === 0) return history;
  const last = history.past.at(-1);
  if (!joins || last?.what !== what) return { past: [...history.past, { what, change }], future: [] };
  const start = applied(before, last.change, "back");
  const whole = difference(start, after);
  const past = history.past.slice(0, -1);
  return { past: Object.keys(whole).length ? [...past, { what, change: whole }] : past, future: [] };
}

/** Take the last step back: the value before it and what is left; null when there is none. */
export function undone<T>(history: History, value: T): { value: T; history: History; what: string } | null {
  const last = history.past.at(-1);
  if (!last) return null;
  const next = { past: history.past.slice(0, -1), future: [last, ...history.future] };
  return { value: applied(value, last.change, "back"), history: next, what: last.what };
}

/** Do again what was taken back. */
export function redone<T>(history: History, value: T): { value: T; history: History; what: string } | null {
  const next = history.future[0];
  if (!next) return null;
  const later = { past: [...history.past, next], future: history.future.slice(1) };
  return { value: applied(value, next.change, "forward"), history: later, what: next.what };
}
