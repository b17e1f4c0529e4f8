// The level: where the vocal lies against the backing, where engineers put it, and a marker to drag.
import { useRef } from "preact/hooks";
import { KNOBS, type NumberKnob } from "../generated/plan";
import { numeral, withUnit } from "../pure/format";
import { clamp, onStep } from "../pure/scale";
import { keyed } from "../parts/knob";
import { endStep, reset, turn } from "../state/edit";
import { doc, heard, own, targets, usual } from "../state/store";

const LOW_LU = -12;
const HIGH_LU = 9;
const GAIN = "vocal.gain_db";
const knob = KNOBS.find(({ path }) => path === GAIN) as NumberKnob;
const share = (lu: number): number => clamp((lu - LOW_LU) / (HIGH_LU - LOW_LU), 0, 1);

export function LevelGraph() {
  const area = useRef<HTMLDivElement>(null);
  const grip = useRef<{ x: number; gain: number } | null>(null);
  const now = doc.value;
  const found = heard.value;
  if (!now) return null;
  const gain = now.mine.vocal.gain_db;
  // The gain moves the balance dB for dB, so the marker need not wait until it is measured.
  const measured = found?.measured.vbr_lu;
  const aim = targets.value?.vbr_lu;
  const lu = measured == null || !found ? (aim?.asked ?? null) : measured + gain - found.plan.vocal.gain_db;
  const move = (event: PointerEvent) => {
    if (!grip.current || !area.current) return;
    const by = ((event.clientX - grip.current.x) / area.current.clientWidth) * (HIGH_LU - LOW_LU);
    turn({ [GAIN]: onStep(knob, Math.round((grip.current.gain + by) * 10) / 10) }, "Gain");
  };
  const keys = (event: KeyboardEvent) => {
    const fine = keyed(event, { ...knob, low: gain - 50, high: gain + 50, step: 0.1 }, gain);
    if (fine === null || event.key === "Home" || event.key === "End") return;
    event.preventDefault();
    event.stopPropagation();
    const by = Math.sign(fine - gain) * (event.shiftKey ? 0.1 : event.key.startsWith("Page") ? 3 : 0.5);
    turn({ [GAIN]: onStep(knob, gain + by) }, "Gain");
  };
  const lift = () => {
    grip.current = null;
    endStep();
  };
  return (
    <div class="level" ref={area}>
      <div class="scale" aria-hidden="true">
        {Array.from({ length: 8 }, (_, i) => LOW_LU + 3 * i).map((each) => (
          <span key={each} style={{ left: `${share(each) * 100}%` }}>
            {numeral(each, 0, true)}
          </span>
        ))}
      </div>
      {usual.value && (
        <div
          class="interval"
          style={{
            left: `${share(usual.value.low) * 100}%`,
            width: `${(share(usual.value.high) - share(usual.value.low)) * 100}%`,
          }}
        >
          <span>
            engineers: {numeral(usual.value.low, 1, true)} to {numeral(usual.value.high, 1, true)} LU
          </span>
        </div>
      )}
      {aim?.asked != null && (
        <div
          class="asked"
          style={{ left: `${share(aim.asked) * 100}%` }}
          title={`asked ${withUnit(aim.asked, "LU", 0.1, true)}`}
        />
      )}
      {lu !== null && (
        <div
          class={`marker ${own.value.has(GAIN) ? "changed" : ""}`}
          role="slider"
          tabIndex={0}
          aria-label="Vocal against backing"
          aria-valuemin={LOW_LU}
          aria-valuemax={HIGH_LU}
          aria-valuenow={Math.round(lu * 10) / 10}
          aria-valuetext={`${withUnit(lu, "LU", 0.1, true)} against the backing, gain ${withUnit(gain, "dB", 0.1, true)}`}
          style={{ left: `${share(lu) * 100}%` }}
          onKeyDown={keys}
          onDblClick={() => reset([GAIN], "Gain")}
          onPointerDown={(event) => {
            grip.current = { x: event.clientX, gain };
            (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
          }}
          onPointerMove={move}
          onPointerUp={lift}
          onPointerCancel={lift}
        >
          <b>{numeral(lu, 1, true)} LU</b>
        </div>
      )}
      <div class="words" aria-hidden="true">
        <span>behind the music</span>
        <span>as loud as it</span>
        <span>in front</span>
      </div>
    </div>
  );
}
