// A stage in one figure, for the list of stages.
import type { MixPlan } from "../generated/plan";
import { hertz, numeral, withUnit } from "../pure/format";
import { bandsIn, bandsOf } from "../pure/bands";
import { getKnob } from "../engine";
import type { PanelName } from "../state/store";

export function summary(name: PanelName, plan: MixPlan): string {
  const { vocal, backing, reverb, master } = plan;
  switch (name) {
    case "level":
      return `${numeral(vocal.gain_db, 1, true)} dB`;
    case "equalizer":
      return vocal.equalizer.enabled || vocal.highpass.enabled ? strongest(plan, ["vocal.equalizer"]) : "off";
    case "compressor":
      return vocal.compressor.enabled
        ? `${withUnit(vocal.compressor.ratio, ":1")} above ${withUnit(vocal.compressor.threshold_db, "dB")}`
        : "off";
    case "reverb":
      return reverb.enabled ? `${numeral(reverb.decay_mid_s, 1)} s, ${withUnit(reverb.return_db, "dB")}` : "off";
    case "backing":
      return backing.equalizer.enabled ? strongest(plan, ["backing.equalizer"]) : "as it is";
    case "master":
      return master.enabled
        ? `${numeral(master.gain_db, 1, true)} dB, at most ${withUnit(master.ceiling_dbtp, "dBTP")}`
        : "off";
  }
}

function strongest(plan: MixPlan, stages: string[]): string {
  const bands = bandsIn((path) => getKnob(plan, path), bandsOf(stages)).filter((band) => Math.abs(band.gainDb) >= 0.05);
  const most = bands.sort((one, other) => Math.abs(other.gainDb) - Math.abs(one.gainDb))[0];
  return most ? `${numeral(most.gainDb, 1, true)} dB at ${hertz(most.frequencyHz)}` : "flat";
}
