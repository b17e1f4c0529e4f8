// Play, position, loop, solo and mute, and the meters that matter while one listens.
import { useComputed } from "@preact/signals";
import { clock, numeral, withUnit } from "../pure/format";
import { mute, seek, setLoop, solo, togglePlay } from "../state/player";
import { analysis, audible, engine, heard, loop, meters, playing, positionS, seconds } from "../state/store";
import type { PartName } from "../state/types";
import { Loop, Pause, Play, ToStart } from "./icons";
import { zoom } from "./timeline";

export function Transport() {
  const ready = engine.value !== null;
  return (
    <div class="transport" role="group" aria-label="Transport">
      <button class="icon" aria-label="To the start" title="To the start (Home)" onClick={() => seek(0)}>
        <ToStart />
      </button>
      <button
        class="play"
        disabled={!ready}
        aria-label={playing.value ? "Pause" : "Play"}
        title="Play or pause (Space)"
        onClick={() => void togglePlay()}
      >
        {playing.value ? <Pause /> : <Play />}
      </button>
      <button
        class={`icon ${loop.value?.on ? "on" : ""}`}
        aria-pressed={loop.value?.on ?? false}
        aria-label="Loop"
        title="Loop (L): drag over the timeline to choose what"
        onClick={toggleLoop}
      >
        <Loop />
      </button>
      <Clock />
      <span class="zoom">
        <button class="icon" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoom(0.5)}>
          −
        </button>
        <button class="icon" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoom(2)}>
          +
        </button>
      </span>
      <Heard part="vocal" />
      <Heard part="backing" />
      <Meters />
    </div>
  );
}

/** Loop the marked stretch, or the phrase that is sung here. */
export function toggleLoop(): void {
  const now = loop.peek();
  if (now) {
    setLoop(now, !now.on);
    return;
  }
  const at = positionS.peek();
  const phrase = analysis.peek()?.phrases_s.find(([, end]) => end > at);
  const [startS, endS] = phrase ?? [at, Math.min(at + 8, seconds.peek())];
  if (endS - startS > 0.2) setLoop({ startS, endS });
}

function Clock() {
  const at = useComputed(() => clock(positionS.value));
  return (
    <span class="clock">
      <b>{at}</b> / {clock(seconds.value)}
    </span>
  );
}

function Heard({ part }: { part: PartName }) {
  const on = audible.value;
  const other = part === "vocal" ? "backing" : "vocal";
  const alone = on[part] && !on[other];
  return (
    <span class={`heard ${part}`} role="group" aria-label={part}>
      <i class={`key ${part}`} aria-hidden="true" />
      {part}
      <button
        class={`small ${alone ? "on" : ""}`}
        aria-pressed={alone}
        aria-label={`Solo ${part}`}
        title={`Hear the ${part} alone`}
        onClick={() => solo(part)}
      >
        S
      </button>
      <button
        class={`small ${on[part] ? "" : "on"}`}
        aria-pressed={!on[part]}
        aria-label={`Mute ${part}`}
        title={`Mute the ${part}`}
        onClick={() => mute(part)}
      >
        M
      </button>
    </span>
  );
}

function Meters() {
  const now = meters.value;
  const whole = heard.value?.measured.mix;
  const lufs = now && playing.value ? now.shortTermLufs : (whole?.integrated_lufs ?? Number.NaN);
  const peak = now && playing.value ? now.truePeakDbtp : (whole?.true_peak_dbtp ?? Number.NaN);
  return (
    <span class="meters" aria-hidden="true">
      <Bars />
      <span title={playing.value ? "loudness of the last 3 seconds" : "loudness of the whole mix"}>
        {withUnit(lufs, "LUFS", 0.1)}
      </span>
      <span title="highest true peak">{Number.isFinite(peak) ? `${numeral(peak, 1)} dBTP` : "– dBTP"}</span>
    </span>
  );
}

const FALL_DB_S = 20;
let shown = [-60, -60];
let shownAt = 0;

/** Peak meters that fall 20 dB a second. */
function Bars() {
  const peaks = meters.value?.peakDbfs ?? [-60, -60];
  const now = performance.now();
  const fallen = ((now - shownAt) / 1000) * FALL_DB_S;
  shown = peaks.map((db, i) => Math.max(db, (shown[i] ?? -60) - fallen, -60));
  shownAt = now;
  return (
    <span class="bars">
      {shown.map((db, i) => (
        <i key={i}>
          <b style={{ transform: `scaleX(${(db + 60) / 60})` }} />
        </i>
      ))}
    </span>
  );
}
