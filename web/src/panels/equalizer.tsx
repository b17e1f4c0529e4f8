// The equalizer: one curve over the live spectra, points to drag, heat where the backing covers the vocal.
import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { getKnob } from "../engine";
import { type BandPaths, bandName, bandsOf } from "../pure/bands";
import { draw, useCanvas } from "../parts/canvas";
import { KnobRow } from "../parts/knob";
import { analysis, doc, engine, heard, own, playing, sampleRate } from "../state/store";
import { paintCurves, paintSpectra } from "./equalizer-paint";
import { knobAt, Point } from "./equalizer-point";

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
      <Plot
        name={name}
        bands={bands}
        chosen={band.path}
        choose={(path) => {
          chosen.value = path;
        }}
      />
      <div class="below">
        <div class="why-of">{children}</div>
        <div class="knobs">
          <div class="chips" role="group" aria-label="Band">
            {bands.map((each) => (
              <button
                key={each.path}
                class={`small ${each.path === band.path ? "on" : ""}`}
                aria-pressed={each.path === band.path}
                onClick={() => {
                  chosen.value = each.path;
                }}
              >
                {bandName(each)}
              </button>
            ))}
          </div>
          {[...knobs, ...others].map((knob) => (
            <KnobRow key={knob.path} knob={knob} name={nameOf(knob.path)} />
          ))}
        </div>
      </div>
    </>
  );
}

const nameOf = (path: string): string =>
  path === "backing.gain_db"
    ? "Backing gain"
    : path.endsWith("frequency_hz")
      ? "Frequency"
      : path.endsWith("gain_db")
        ? "Gain"
        : "Width (Q)";

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
    (context, width, height, ink) =>
      now &&
      paintCurves(context, width, height, ink, {
        mine: now.mine,
        suggestion: now.suggestion,
        bands,
        sampleRate: sampleRate.value,
        masking: heard.value?.masking ?? null,
        yours: bands.some(({ path }) => [...own.value].some((each) => each.startsWith(path))),
        part: name === "backing" ? "backing" : "vocal",
      }),
    [now?.mine, now?.suggestion, heard.value, sampleRate.value, name],
  );
  return (
    <div class="eq" ref={area}>
      <Live />
      <canvas ref={curves} aria-hidden="true" />
      <span class="legend" aria-hidden="true">
        <i class="key vocal" /> vocal <i class="key backing" /> backing{" "}
        {heard.value && (
          <>
            <i class="key warm" /> covered by the backing
          </>
        )}
        <i class="key dashed" /> suggestion
      </span>
      {now &&
        bands.map((band) => (
          <Point key={band.path} band={band} area={area} on={band.path === chosen} choose={choose} />
        ))}
    </div>
  );
}

/** The spectra as they are heard, drawn once a frame while playing; the mean of the song when not. */
function Live() {
  const ref = useCanvas(
    (context, width, height, ink) => {
      const found = analysis.value;
      if (found && !playing.peek()) paintSpectra.mean(context, width, height, ink, found);
    },
    [analysis.value, playing.value],
  );
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
