// Three plain sliders, the amount, and who decides: everything that is not locked is solved again.
import type { NumberKnob } from "../generated/plan";
import { withUnit } from "../pure/format";
import { onStep } from "../pure/scale";
import { solve, wish } from "../state/solve";
import { endStep, lockText } from "../state/edit";
import { doc, info, locked, solving } from "../state/store";
import type { Wishes } from "../state/types";
import { keyed, NumberField } from "./knob";

type Wished = "vocal_level_lu" | "vocal_tone_db" | "reverb_level_db" | "amount";

const SLIDERS: readonly {
  name: Wished;
  title: string;
  ends: readonly [string, string];
  knob: NumberKnob;
  middle: number;
}[] = [
  { name: "vocal_level_lu", title: "Vocal", ends: ["further", "closer"], knob: range(-6, 6, "LU", 0.1), middle: 0 },
  { name: "vocal_tone_db", title: "Tone", ends: ["darker", "brighter"], knob: range(-6, 6, "dB", 0.1), middle: 0 },
  { name: "reverb_level_db", title: "Room", ends: ["drier", "wetter"], knob: range(-12, 12, "dB", 0.1), middle: 0 },
  { name: "amount", title: "Amount", ends: ["less", "more"], knob: range(0, 150, "%", 1), middle: 100 },
];

function range(low: number, high: number, unit: string, step: number): NumberKnob {
  return { kind: "number", path: "", low, high, unit, scale: "linear", step, doc: "" };
}

export function WishBar() {
  const now = doc.value;
  return (
    <section class="wishes" aria-label="What you wish" aria-busy={solving.value}>
      {SLIDERS.map((slider) => (
        <Slider key={slider.name} {...slider} value={now?.wishes[slider.name] ?? slider.middle} ready={now !== null} />
      ))}
      <Method />
      <Rest />
    </section>
  );
}

function Slider({
  name,
  title,
  ends,
  knob,
  middle,
  value,
  ready,
}: (typeof SLIDERS)[number] & { value: number; ready: boolean }) {
  const set = (next: number) => wish({ [name]: onStep(knob, next) } as Partial<Wishes>, title.toLowerCase());
  const share = (at: number) => (at - knob.low) / (knob.high - knob.low);
  const keys = (event: KeyboardEvent) => {
    const next = keyed(event, knob, value);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    set(next);
  };
  const signed = name !== "amount";
  const text = withUnit(value, knob.unit, knob.step, signed);
  return (
    <div class={`wish ${value !== middle ? "changed" : ""}`} data-wish={name}>
      <label for={name}>{title}</label>
      <span class="end" aria-hidden="true">
        {ends[0]}
      </span>
      <div class="track">
        <span class="tick" style={{ left: `calc(8px + ${share(middle)} * (100% - 16px))` }} />
        <input
          id={name}
          type="range"
          min={knob.low}
          max={knob.high}
          step={knob.step}
          value={value}
          disabled={!ready}
          style={{ "--at": share(value) }}
          aria-valuetext={`${text}, ${ends[0]} to ${ends[1]}`}
          onInput={(event) => set(Number(event.currentTarget.value))}
          onChange={endStep}
          onKeyDown={keys}
          onDblClick={() => set(middle)}
        />
      </div>
      <span class="end" aria-hidden="true">
        {ends[1]}
      </span>
      <NumberField knob={knob} value={value} title={title} set={set} />
    </div>
  );
}

function Method() {
  const known = info.value;
  const wishes = doc.value?.wishes;
  if (!known) return null;
  const chosen = wishes?.model ? `model:${wishes.model}` : (wishes?.method ?? known.default_method);
  const choose = (value: string) => {
    const model = value.startsWith("model:") ? value.slice(6) : null;
    wish({ method: model ? "learned" : value, model }, "method");
  };
  return (
    <label class="method">
      Decided by{" "}
      <select value={chosen} disabled={!wishes} onChange={(event) => choose(event.currentTarget.value)}>
        {known.methods.map((method) => (
          <option key={method} value={method}>
            {method === "learned" ? "the model" : method}
          </option>
        ))}
        {known.models.map((model) => (
          <option key={model} value={`model:${model}`}>
            {model}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Tells how many knobs are the person's own, and solves the rest around them. */
function Rest() {
  const now = doc.value;
  const count = locked.value.size;
  const stale = now !== null && lockText(now) !== now.solved;
  return (
    <div class="rest">
      <span class="quiet" role="status">
        {solving.value ? "Solving…" : count ? `${count} locked` : ""}
      </span>
      <button
        class="small"
        disabled={!stale || solving.value}
        onClick={() => void solve("solve the rest")}
        title="Keep the locked knobs and decide everything else again"
      >
        Solve the rest
      </button>
    </div>
  );
}
