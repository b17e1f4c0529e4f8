// The bands of an equalizer found in the names of its knobs, so that a new band needs no code here.
import { KNOBS } from "../generated/plan";
import type { Band, Kind } from "./response";

export interface BandPaths {
  readonly path: string; // of the group, such as vocal.equalizer.bell_1
  readonly kind: Kind;
  readonly mark: string; // shown in its point
  readonly frequency: string;
  readonly gain: string | null;
  readonly q: string;
  readonly enabled: string; // the switch it hangs on
}

type Read = (path: string) => number | boolean;

const KINDS: readonly [RegExp, Kind][] = [
  [/highpass$/, "highpass"],
  [/low_shelf$/, "low_shelf"],
  [/high_shelf$/, "high_shelf"],
  [/bell/, "bell"],
];

/** List the bands below these stages, lowest kind first, in the order of the plan. */
export function bandsOf(stages: readonly string[]): BandPaths[] {
  const paths = new Set(KNOBS.map((knob) => knob.path));
  const groups = [...paths].filter((path) => path.endsWith(".frequency_hz")).map((path) => path.slice(0, -13));
  return groups
    .filter((group) => stages.some((stage) => group === stage || group.startsWith(`${stage}.`)))
    .map((group) => {
      const kind = KINDS.find(([name]) => name.test(group))?.[1] ?? "bell";
      const stage = stages.find((candidate) => group.startsWith(candidate)) as string;
      return {
        path: group,
        kind,
        mark: markOf(group, kind),
        frequency: `${group}.frequency_hz`,
        gain: paths.has(`${group}.gain_db`) ? `${group}.gain_db` : null,
        q: `${group}.q`,
        enabled: `${stage}.enabled`,
      };
    });
}

/** The bands as they are set; those that are switched off are left out. */
export function bandsIn(read: Read, bands: readonly BandPaths[]): Band[] {
  return bands
    .filter((band) => read(band.enabled) === true)
    .map((band) => ({
      kind: band.kind,
      frequencyHz: read(band.frequency) as number,
      gainDb: band.gain ? (read(band.gain) as number) : 0,
      q: read(band.q) as number,
    }));
}

/** Name a band for a person: `Low cut`, `Low shelf`, `Bell 2`. */
export function bandName(band: BandPaths): string {
  if (band.kind === "highpass") return "Low cut";
  const name = (band.path.split(".").pop() as string).replaceAll("_", " ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function markOf(group: string, kind: Kind): string {
  if (kind === "highpass") return "C";
  return /(\d+)$/.exec(group)?.[1] ?? (kind === "low_shelf" ? "L" : "H");
}
