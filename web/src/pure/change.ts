// The difference of two JSON values as a flat list, and a value with one applied; for undo and for saving it.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Dotted path → value before and after; `undefined` where there was none. Arrays are taken whole. */
export type Change = Readonly<Record<string, readonly [before: Json | undefined, after: Json | undefined]>>;

type Tree = { readonly [name: string]: Json };

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Find what changed. */
export function difference(before: Json | undefined, after: Json | undefined, path = ""): Change {
  if (before === after) return {};
  if (!isTree(before) || !isTree(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? {} : { [path]: [before, after] };
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.assign(
    {},
    ...[...names].map((name) => difference(before[name], after[name], path ? `${path}.${name}` : name)),
  ) as Change;
}

/** Apply a change, forwards or back. */
export function applied<T>(value: T, change: Change, direction: "forward" | "back"): T {
  const side = direction === "forward" ? 1 : 0;
  return Object.entries(change).reduce<Json>(
    (whole, [path, pair]) => put(whole, path ? path.split(".") : [], pair[side]) ?? null,
    value as Json,
  ) as T;
}

function put(value: Json | undefined, [name, ...rest]: string[], leaf: Json | undefined): Json | undefined {
  if (name === undefined) return leaf;
  const { [name]: old, ...others } = isTree(value) ? value : {};
  const inner = put(old, rest, leaf);
  return inner === undefined
    ? others
    : isTree(value) && name in value
      ? { ...value, [name]: inner }
      : { ...others, [name]: inner };
}
