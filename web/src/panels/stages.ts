// What each panel is about: its knobs by path, its switch, its target and its reasons.
import { KNOBS, type Knob, type MixPlan } from "../generated/plan";
import type { PanelName } from "../state/store";

export interface StageInfo {
  readonly title: string;
  /** One plain sentence: what this stage is for. */
  readonly plain: string;
  readonly prefixes: readonly string[];
  readonly switches: readonly string[];
  readonly reasons: readonly string[];
  readonly target: keyof MixPlan["targets"] | null;
  readonly unit: string;
  /** What the target figure is, in plain words. */
  readonly figure: string;
}

export const STAGES: Readonly<Record<PanelName, StageInfo>> = {
  level: {
    title: "Level",
    plain: "How loud the voice is against the music.",
    prefixes: ["vocal.gain_db", "vocal.offset_ms"],
    switches: [],
    reasons: ["level"],
    target: "vbr_lu",
    unit: "LU",
    figure: "vocal against backing",
  },
  equalizer: {
    title: "Equalizer",
    plain: "The tone of the voice: less of what booms or bites, more of what is missing.",
    prefixes: ["vocal.highpass.", "vocal.equalizer."],
    switches: ["vocal.equalizer.enabled", "vocal.highpass.enabled"],
    reasons: ["equalizer", "highpass"],
    target: "equalizer_db",
    unit: "dB",
    figure: "change of tone",
  },
  compressor: {
    title: "Compressor",
    plain: "Loud notes come down, so that quiet words can come up.",
    prefixes: ["vocal.compressor."],
    switches: ["vocal.compressor.enabled"],
    reasons: ["compressor"],
    target: "loudness_range_lu",
    unit: "LU",
    figure: "loudness range of the vocal",
  },
  reverb: {
    title: "Reverb",
    plain: "The room around the voice.",
    prefixes: ["reverb."],
    switches: ["reverb.enabled"],
    reasons: ["reverb"],
    target: "return_db",
    unit: "dB",
    figure: "room against dry voice",
  },
  backing: {
    title: "Backing",
    plain: "A little room in the music where it covers the words.",
    prefixes: ["backing."],
    switches: ["backing.equalizer.enabled"],
    reasons: ["masking"],
    target: null,
    unit: "",
    figure: "",
  },
  master: {
    title: "Master",
    plain: "How loud the whole mix is, and its highest peak.",
    prefixes: ["master."],
    switches: ["master.enabled"],
    reasons: ["master"],
    target: "integrated_lufs",
    unit: "LUFS",
    figure: "loudness of the mix",
  },
};

/** The knobs of a stage, in the order of the plan. */
export function knobsOf(stage: StageInfo): Knob[] {
  return KNOBS.filter(({ path }) => stage.prefixes.some((prefix) => path === prefix || path.startsWith(prefix)));
}
