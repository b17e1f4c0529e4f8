// One knob as a row: slider with the suggestion as a tick and the usual interval as a band, number, lock, way back.
import { useState } from "preact/hooks";
import type { NumberKnob, SwitchKnob } from "../generated/plan";
import { getKnob } from "../engine";
import { label, parseNumber, withUnit } from "../pure/format";
import { clamp, fromUnit, nudged, onStep, type Scale, shownScale, toUnit } from "../pure/scale";
import { endStep, reset, setLocked, turn } from "../state/edit";
import { changed, doc, locked, own } from "../state/store";
import { Back, Locked, Unlocked } from "./icons";

const STEPS = 2000; // positions of the slider: finer than a pixel

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export function KnobRow({ knob, interval, name }: { knob: NumberKnob; interval?: Interval | null; name?: string }) {
  const now = doc.value;
  if (!now) return null;
  const value = getKnob(now.mine, knob.path) as number;
  const suggested = getKnob(now.suggestion, knob.path) as number;
  const title = name ?? label(knob.path);
  const set = (next: number) => turn({ [knob.path]: onStep(knob, next) }, title);
  const scale = shownScale(knob, suggested, value);
  const place = (at: number) => ({ left: `calc(8px + ${clamp(toUnit(scale, at), 0, 1)} * (100% - 16px))` });
  const keys = (event: KeyboardEvent) => {
    const next = keyed(event, { ...knob, low: scale.low, high: scale.high }, value);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    set(next);
  };
  return (
    <div class={`knob ${own.value.has(knob.path) ? "changed" : ""}`} data-path={knob.path}>
      <label for={knob.path} title={knob.doc}>
        {title}
      </label>
      <div class="track">
        {interval && <span class="band" style={bandStyle(interval, scale)} title="where engineers land" />}
        <span class="tick" style={place(suggested)} title={`suggested: ${withUnit(suggested, knob.unit, knob.step)}`} />
        <input
          id={knob.path}
          type="range"
          min={0}
          max={STEPS}
          step={1}
          value={Math.round(toUnit(scale, value) * STEPS)}
          style={{ "--at": clamp(toUnit(scale, value), 0, 1) }}
          aria-valuetext={withUnit(value, knob.unit, knob.step)}
          aria-describedby={`${knob.path}-doc`}
          onInput={(event) => set(fromUnit(scale, Number(event.currentTarget.value) / STEPS))}
          onChange={endStep}
          onKeyDown={keys}
          onDblClick={() => reset([knob.path], title)}
        />
        <span id={`${knob.path}-doc`} class="hidden">
          {knob.doc}; suggested {withUnit(suggested, knob.unit, knob.step)}
        </span>
      </div>
      <NumberField knob={knob} value={value} title={title} set={set} />
      <LockButton path={knob.path} title={title} />
      <button
        class="icon"
        disabled={!changed.value.has(knob.path)}
        aria-label={`${title}: back to the suggestion`}
        title="back to the suggestion"
        onClick={() => reset([knob.path], title)}
      >
        <Back />
      </button>
    </div>
  );
}

function bandStyle({ low, high }: Interval, scale: Scale) {
  const [from, to] = [low, high].map((at) => clamp(toUnit(scale, at), 0, 1)) as [number, number];
  return { left: `calc(8px + ${from} * (100% - 16px))`, width: `calc(${to - from} * (100% - 16px))` };
}

/** The value a key asks for: arrows a hundredth of the way, Shift finely, Page ten times; null for other keys. */
export function keyed(event: KeyboardEvent, knob: NumberKnob, value: number): number | null {
  const fine = event.shiftKey || event.altKey;
  const by = (sign: number) => (fine ? onStep(knob, value + sign * knob.step) : nudged(knob, value, sign));
  switch (event.key) {
    case "ArrowUp":
    case "ArrowRight":
      return by(1);
    case "ArrowDown":
    case "ArrowLeft":
      return by(-1);
    case "PageUp":
      return nudged(knob, value, 10);
    case "PageDown":
      return nudged(knob, value, -10);
    case "Home":
      return knob.low;
    case "End":
      return knob.high;
    default:
      return null;
  }
}

export function LockButton({ path, title }: { path: string; title: string }) {
  const on = locked.value.has(path);
  return (
    <button
      class={`icon lock ${on ? "on" : ""}`}
      aria-pressed={on}
      aria-label={`Lock ${title}`}
      title={on ? "locked: stays when the rest is solved again" : "lock: keep it when the rest is solved again"}
      onClick={() => setLocked([path], !on, title)}
    >
      {on ? <Locked /> : <Unlocked />}
    </button>
  );
}

/** A number with its unit that can be typed over. */
export function NumberField({
  knob,
  value,
  title,
  set,
}: {
  knob: Pick<NumberKnob, "unit" | "step" | "low" | "high">;
  value: number;
  title: string;
  set: (next: number) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const done = () => {
    const number = parseNumber(typed ?? "");
    if (typed !== null && Number.isFinite(number)) {
      endStep();
      set(clamp(number, knob.low, knob.high));
    }
    setTyped(null);
  };
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") (event.currentTarget as HTMLElement).blur();
    if (event.key === "Escape") {
      setTyped(null);
      (event.currentTarget as HTMLElement).blur();
    }
  };
  return (
    <input
      class="number"
      type="text"
      inputMode="decimal"
      aria-label={`${title}, type a value`}
      spellcheck={false}
      value={typed ?? withUnit(value, knob.unit, knob.step)}
      onFocus={(event) => event.currentTarget.select()}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={keys}
    />
  );
}

export function SwitchRow({ knob, name }: { knob: SwitchKnob; name: string }) {
  const now = doc.value;
  if (!now) return null;
  const on = getKnob(now.mine, knob.path) === true;
  return (
    <label class={`switch ${own.value.has(knob.path) ? "changed" : ""}`} title={knob.doc} data-path={knob.path}>
      <input
        type="checkbox"
        role="switch"
        checked={on}
        onChange={() => turn({ [knob.path]: !on }, `${name} ${on ? "off" : "on"}`)}
      />
      <span class="rail" aria-hidden="true" /> {name}
    </label>
  );
}
