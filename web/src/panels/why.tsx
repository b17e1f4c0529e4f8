// Why a stage is as it is, in one sentence with the numbers seen, and what was asked and got.
import type { MixPlan } from "../generated/plan";
import { numeral } from "../pure/format";
import { targets } from "../state/store";
import type { StageInfo } from "./stages";

/** Why it is as it is: plain words first, figures on the second line. */
export function Why({ stage, plan }: { stage: StageInfo; plan: MixPlan }) {
  const reasons = plan.reasons.filter((reason) => stage.reasons.includes(reason.stage));
  return (
    <div class="why">
      {reasons.map((reason) => (
        <p key={reason.stage}>
          <b>Why{reasons.length > 1 ? ` (${reason.stage === "highpass" ? "low cut" : "bands"})` : ""}:</b>{" "}
          <span title={reason.source}>{sentence(reason.text)}</span>
        </p>
      ))}
      <Figures stage={stage} />
    </div>
  );
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replaceAll(/-(?=\d)/g, "\u2212");

function Figures({ stage }: { stage: StageInfo }) {
  const target = stage.target ? targets.value?.[stage.target] : undefined;
  if (!target) return null;
  const signed = stage.target === "vbr_lu" || stage.target === "return_db";
  const figure = (value: number) => numeral(value, 1, signed);
  const tell = (value: number) => `${figure(value)} ${stage.unit}`;
  const parts = [
    target.asked !== null && `asked ${tell(target.asked)}`,
    target.got !== null && `got ${tell(target.got)}`,
    target.low !== null &&
      target.high !== null &&
      `engineers: ${figure(target.low)} to ${figure(target.high)} ${stage.unit}`,
    target.status && target.status !== "met" && target.status,
    target.source && `by ${target.source}`,
  ].filter(Boolean);
  return (
    <p class="figures">
      {stage.figure}: {parts.join(" · ")}
    </p>
  );
}
