// The timeline: click to seek, drag to loop, arrow keys, zoom; the playhead moves without drawing anything again.
import { useComputed, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { clock, spokenTime } from "../pure/format";
import { clamp } from "../pure/scale";
import { seek, setLoop } from "../state/player";
import { analysis, doc, heard, loop, peaks, playing, positionS, seconds, sounds, usual, view } from "../state/store";
import { useCanvas } from "./canvas";
import { paintTimeline, ROWS, type Span } from "./timeline-paint";

const DRAG_PX = 5; // less is a click
const SHORTEST_LOOP_S = 0.2;

export function Timeline() {
  const found = sounds.value;
  const span: Span = view.value ?? { startS: 0, endS: Math.max(seconds.value, 1) };
  const band = usual.value;
  const offsetS = (doc.value?.mine.vocal.offset_ms ?? 0) / 1000;
  const canvas = useCanvas(
    (context, width, height, ink) => {
      if (!found) return;
      paintTimeline(context, width, height, ink, {
        span,
        sounds: found,
        peaks: peaks.value,
        analysis: analysis.value,
        heard: heard.value,
        band,
        offsetS,
      });
    },
    [found, peaks.value, analysis.value, heard.value, span.startS, span.endS, band?.low, band?.high, offsetS],
  );
  return (
    <section class="timeline" aria-label="Timeline">
      <canvas ref={canvas} aria-hidden="true" />
      <RowNames />
      <Playhead span={span} />
    </section>
  );
}

function RowNames() {
  const top = (row: keyof typeof ROWS) => ({ top: `${ROWS[row][0] * 100}%` });
  return (
    <div class="rows" aria-hidden="true">
      <span style={top("vocal")} class="of-vocal">
        vocal{heard.value?.reduction_db.some((db) => db < -0.1) ? " and its gain reduction" : ""}
      </span>
      <span style={top("backing")} class="of-backing">
        backing
      </span>
      <span style={top("words")}>
        loudness: <i class="key vocal" /> vocal <i class="key backing" /> backing
        {usual.value && (
          <>
            {" "}
            <i class="key band" /> where engineers put the vocal
          </>
        )}
      </span>
    </div>
  );
}

/** What moves over the drawing: loop, playhead, and the slider that a keyboard or a screen reader uses. */
function Playhead({ span }: { span: Span }) {
  const area = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; atS: number } | null>(null);
  const share = (at: number) => (at - span.startS) / (span.endS - span.startS);
  const whole = useComputed(() => Math.floor(positionS.value));
  useSignalEffect(() => {
    const at =
      (positionS.value - (view.value?.startS ?? 0)) /
      ((view.value?.endS ?? Math.max(seconds.value, 1)) - (view.value?.startS ?? 0));
    if (head.current)
      head.current.style.transform = `translateX(${clamp(at, -0.01, 1.01) * (area.current?.clientWidth ?? 0)}px)`;
  });
  useSignalEffect(followPlay);
  const timeAt = (event: PointerEvent) => {
    const box = (area.current as HTMLElement).getBoundingClientRect();
    return span.startS + clamp((event.clientX - box.left) / box.width, 0, 1) * (span.endS - span.startS);
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    area.current?.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, atS: timeAt(event) };
  };
  const stretch = (event: PointerEvent) => {
    const [from, to] = [drag.current?.atS ?? 0, timeAt(event)];
    return { startS: Math.min(from, to), endS: Math.max(from, to) };
  };
  const move = (event: PointerEvent) => {
    if (drag.current && Math.abs(event.clientX - drag.current.x) > DRAG_PX)
      loop.value = { ...stretch(event), on: false };
  };
  const up = (event: PointerEvent) => {
    if (!drag.current) return;
    const dragged = Math.abs(event.clientX - drag.current.x) > DRAG_PX;
    const next = stretch(event);
    drag.current = null;
    if (dragged && next.endS - next.startS >= SHORTEST_LOOP_S) {
      setLoop(next);
      seek(next.startS);
    } else {
      seek(next.endS);
    }
  };
  const region = loop.value;
  return (
    <div
      class="area"
      ref={area}
      role="slider"
      tabIndex={0}
      aria-label="Position"
      aria-valuemin={0}
      aria-valuemax={Math.round(seconds.value)}
      aria-valuenow={whole.value}
      aria-valuetext={`${spokenTime(whole.value)} of ${spokenTime(seconds.value)}`}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => {
        drag.current = null;
      }}
    >
      {region && (
        <div
          class={`loop ${region.on ? "on" : ""}`}
          style={{
            left: `${share(region.startS) * 100}%`,
            width: `${(share(region.endS) - share(region.startS)) * 100}%`,
          }}
        >
          <span>
            {clock(region.startS)}–{clock(region.endS)}
          </span>
        </div>
      )}
      <div class="playhead" ref={head} />
    </div>
  );
}

/** Turn the page when the playhead leaves a part that was zoomed into. */
function followPlay(): void {
  const [at, seen] = [positionS.value, view.peek()];
  if (!seen || !playing.peek() || (at >= seen.startS && at <= seen.endS)) return;
  const length = seen.endS - seen.startS;
  const startS = clamp(at - length * 0.05, 0, Math.max(seconds.peek() - length, 0));
  view.value = { startS, endS: startS + length };
}

/** Zoom around the playhead: in by two or out by two. */
export function zoom(by: number): void {
  const all = seconds.peek();
  const seen = view.peek() ?? { startS: 0, endS: all };
  const length = clamp((seen.endS - seen.startS) / by, Math.min(2, all), all);
  if (length >= all) {
    view.value = null;
    return;
  }
  const at = clamp(positionS.peek(), seen.startS, seen.endS);
  const share = (at - seen.startS) / (seen.endS - seen.startS);
  const startS = clamp(at - share * length, 0, all - length);
  view.value = { startS, endS: startS + length };
}
