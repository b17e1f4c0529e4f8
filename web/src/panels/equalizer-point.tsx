// One band as a point: dragged, turned by keys and wheel, spoken as gain and frequency.
import { useRef } from "preact/hooks";
import { getKnob } from "../engine";
import { KNOBS, type NumberKnob } from "../generated/plan";
import { type BandPaths, bandName } from "../pure/bands";
import { hertz, withUnit } from "../pure/format";
import { clamp, onStep } from "../pure/scale";
import { keyed } from "../parts/knob";
import { endStep, reset, turn } from "../state/edit";
import { doc, own } from "../state/store";
import { DB, FREQUENCY, xOf, yOf } from "./equalizer-paint";

export const knobAt = (path: string): NumberKnob => KNOBS.find((knob) => knob.path === path) as NumberKnob;

export function Point({
  band,
  area,
  on,
  choose,
}: {
  band: BandPaths;
  area: { current: HTMLDivElement | null };
  on: boolean;
  choose: (path: string) => void;
}) {
  const now = doc.value;
  const held = useRef(false);
  if (!now) return null;
  const hz = getKnob(now.mine, band.frequency) as number;
  const db = band.gain ? (getKnob(now.mine, band.gain) as number) : 0;
  const name = bandName(band);
  const set = (values: Record<string, number>) => turn(values, name);
  const drag = (event: PointerEvent) => {
    if (!held.current || !area.current) return;
    const box = area.current.getBoundingClientRect();
    const at = FREQUENCY.low * (FREQUENCY.high / FREQUENCY.low) ** clamp((event.clientX - box.left) / box.width, 0, 1);
    const gain = DB.high - clamp((event.clientY - box.top) / box.height, 0, 1) * (DB.high - DB.low);
    set({
      [band.frequency]: onStep(knobAt(band.frequency), at),
      ...(band.gain ? { [band.gain]: onStep(knobAt(band.gain), Math.round(gain * 10) / 10) } : {}),
    });
  };
  const keys = (event: KeyboardEvent) => {
    const along = event.key === "ArrowLeft" || event.key === "ArrowRight" || !band.gain;
    const knob = knobAt(along ? band.frequency : (band.gain as string));
    const next = keyed(event, knob, along ? hz : db);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    set({ [knob.path]: next });
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const knob = knobAt(band.q);
    set({ [band.q]: onStep(knob, (getKnob(now.mine, band.q) as number) * (event.deltaY < 0 ? 1.08 : 1 / 1.08)) });
  };
  const lift = (event: PointerEvent) => {
    held.current = false;
    (event.currentTarget as HTMLElement).classList.remove("held");
    endStep();
  };
  const yours = [...own.value].some((path) => path.startsWith(`${band.path}.`));
  return (
    <div
      class={`point ${on ? "on" : ""} ${yours ? "changed" : ""} ${getKnob(now.mine, band.enabled) ? "" : "off"}`}
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={DB.low}
      aria-valuemax={DB.high}
      aria-valuenow={db}
      data-band={band.path}
      aria-valuetext={band.gain ? `${withUnit(db, "dB", 0.1, true)} at ${hertz(hz)}` : hertz(hz)}
      style={{ left: `${xOf(hz) * 100}%`, top: `${yOf(db) * 100}%` }}
      onFocus={() => choose(band.path)}
      onKeyDown={keys}
      onWheel={wheel}
      onDblClick={() => reset([band.frequency, band.q, ...(band.gain ? [band.gain] : [])], name)}
      onPointerDown={(event) => {
        held.current = true;
        choose(band.path);
        const point = event.currentTarget as HTMLElement;
        point.setPointerCapture(event.pointerId);
        point.classList.add("held");
      }}
      onPointerMove={drag}
      onPointerUp={lift}
      onPointerCancel={lift}
    >
      {band.mark}
    </div>
  );
}
