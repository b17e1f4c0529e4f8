// The equalizer: one curve over the live spectra, points to drag, heat where the backing covers the vocal.
import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { getKnob } from "../engine";
import { KNOBS, type NumberKnob } from "../generated/plan";
import { type BandPaths, bandName, bandsOf } from "../pure/bands";
import { hertz, withUnit } from "../pure/format";
import { clamp, onStep } from "../pure/scale";
import { draw, useCanvas } from "../parts/canvas";
import { keyed, KnobRow } from "../parts/knob";
import { endStep, reset, turn } from "../state/edit";
import { analysis, doc, engine, heard, own, playing, sampleRate } from "../state/store";
import { DB, FREQUENCY, paintCurves, paintSpectra, xOf, yOf } from "./equalizer-paint";

const knobAt = (path: string): NumberKnob => KNOBS.find((knob) => knob.path === path) as NumberKnob;
const SETS = { equalizer: ["vocal.highpass", "vocal.equalizer"], backing: ["backing.equalizer"] } as const;

export function EqualizerPanel({ name, children }: { name: keyof typeof SETS; children: ComponentChildren }) {
  const bands = bandsOf(SETS[name]);
  const chosen = useSignal(strongestBand(bands));
  const now = doc.value;
  if (!now) return null;
  const band = bands.find(({ path }) => path === chosen.value) ?? (bands[0] as BandPaths);
  const knobs = [band.frequency, band.gain, band.q].filter((path): path is string => path !== null).map(knobAt);
  const others = name === "backing" ? [knobAt("backing.gain_db")] : [];
  return (
    <>
      <Plot name={name} bands={bands} chosen={band.path} choose={(path) => { chosen.value = path; }} />
      <div class="below">
        <div class="why-of">{children}</div>
        <div class="knobs">
          <div class="chips" role="group" aria-label="Band">
            {bands.map((each) => (
              <button key={each.path} class={`small ${each.path === band.path ? "on" : ""}`} aria-pressed={each.path === band.path}
                onClick={() => { chosen.value = each.path; }}>{bandName(each)}</button>
            ))}
          </div>
          {[...knobs, ...others].map((knob) => <KnobRow key={knob.path} knob={knob} name={nameOf(knob.path)} />)}
        </div>
      </div>
    </>
  );
}

const nameOf = (path: string): string =>
  path === "backing.gain_db" ? "Backing gain" : path.endsWith("frequency_hz") ? "Frequency" : path.endsWith("gain_db") ? "Gain" : "Width (Q)";

function strongestBand(bands: readonly BandPaths[]): string {
  const plan = doc.peek()?.mine;
  const size = (band: BandPaths) => (plan && band.gain ? Math.abs(getKnob(plan, band.gain) as number) : -1);
  return [...bands].sort((one, other) => size(other) - size(one))[0]?.path ?? "";
}

interface PlotProps {
  name: keyof typeof SETS;
  bands: readonly BandPaths[];
  chosen: string;
  choose: (path: string) => void;
}

function Plot({ name, bands, chosen, choose }: PlotProps) {
  const area = useRef<HTMLDivElement>(null);
  const now = doc.value;
  const curves = useCanvas(
    (context, width, height, ink) => now && paintCurves(context, width, height, ink, {
      mine: now.mine, suggestion: now.suggestion, bands, sampleRate: sampleRate.value, masking: heard.value?.masking ?? null,
      yours: bands.some(({ path }) => [...own.value].some((each) => each.startsWith(path))), part: name === "backing" ? "backing" : "vocal",
    }),
    [now?.mine, now?.suggestion, heard.value, sampleRate.value, name],
  );
  return (
    <div class="eq" ref={area}>
      <Live />
      <canvas ref={curves} aria-hidden="true" />
      <span class="legend" aria-hidden="true">
        <i class="key vocal" /> vocal <i class="key backing" /> backing {heard.value && <><i class="key warm" /> covered by the backing</>}
        <i class="key dashed" /> suggestion
      </span>
      {now && bands.map((band) => <Point key={band.path} band={band} area={area} on={band.path === chosen} choose={choose} />)}
    </div>
  );
}

/** The spectra as they are heard, drawn once a frame while playing; the mean of the song when not. */
function Live() {
  const ref = useCanvas((context, width, height, ink) => {
    const found = analysis.value;
    if (found && !playing.peek()) paintSpectra.mean(context, width, height, ink, found);
  }, [analysis.value, playing.value]);
  useEffect(() => {
    const canvas = ref.current;
    const sound = engine.value;
    if (!canvas || !sound || !playing.value) return;
    let frame = requestAnimationFrame(function again() {
      draw(canvas, (context, width, height, ink) => paintSpectra.live(context, width, height, ink, sound.spectra()));
      frame = requestAnimationFrame(again);
    });
    return () => cancelAnimationFrame(frame);
  }, [engine.value, playing.value]);
  return <canvas ref={ref} aria-hidden="true" />;
}

function Point({ band, area, on, choose }: { band: BandPaths; area: { current: HTMLDivElement | null }; on: boolean; choose: (path: string) => void }) {
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
    <div class={`point ${on ? "on" : ""} ${yours ? "changed" : ""} ${getKnob(now.mine, band.enabled) ? "" : "off"}`} role="slider" tabIndex={0}
      aria-label={name} aria-valuemin={DB.low} aria-valuemax={DB.high} aria-valuenow={db} data-band={band.path}
      aria-valuetext={band.gain ? `${withUnit(db, "dB", 0.1, true)} at ${hertz(hz)}` : hertz(hz)}
      style={{ left: `${xOf(hz) * 100}%`, top: `${yOf(db) * 100}%` }}
      onFocus={() => choose(band.path)} onKeyDown={keys} onWheel={wheel}
      onDblClick={() => reset([band.frequency, band.q, ...(band.gain ? [band.gain] : [])], name)}
      onPointerDown={(event) => {
        held.current = true;
        choose(band.path);
        const point = event.currentTarget as HTMLElement;
        point.setPointerCapture(event.pointerId);
        point.classList.add("held");
      }}
      onPointerMove={drag} onPointerUp={lift} onPointerCancel={lift}>{band.mark}</div>
  );
}
