// Recording a take over the backing: level, latency, record, stop. The take becomes the vocal of the project.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock, numeral } from "../pure/format";
import { Mic } from "../parts/icons";
import { api } from "../state/api";
import { add } from "../state/open";
import { stem } from "../state/player";
import { refuse } from "../state/solve";
import { problem, project, said } from "../state/store";
import { Microphone } from "./microphone";
import { wavOf } from "./wav";

type Phase = "closed" | "opening" | "ready" | "measuring" | "recording" | "saving";
const KEY = "sitwell-latency:";

export function Recorder() {
  const phase = useSignal<Phase>("closed");
  const heard = useRef<{ microphone: Microphone; backing: AudioBuffer } | null>(null);
  const stop = useRef<() => void>(() => undefined);
  const latencyS = useSignal<number | null>(null);
  useEffect(() => () => void heard.current?.microphone.close(), []);

  const attempt = async (work: () => Promise<void>, after: Phase) => {
    try {
      await work();
      phase.value = after;
    } catch (error) {
      phase.value = heard.current ? "ready" : "closed";
      if (error instanceof DOMException)
        problem.value = { code: "microphone", message: `The microphone cannot be used: ${error.message}.` };
      else refuse(error);
    }
  };
  const open = () =>
    attempt(async () => {
      phase.value = "opening";
      const id = project.peek()?.id as string;
      const found = await api.sound(id, "backing");
      const { left, right } = await stem(id, "backing", found);
      const microphone = await Microphone.open(found.sample_rate);
      const backing = new AudioBuffer({ length: left.length, numberOfChannels: 2, sampleRate: found.sample_rate });
      [left, right].forEach((channel, i) => backing.getChannelData(i).set(channel));
      heard.current = { microphone, backing };
      const kept = Number(localStorage.getItem(KEY + microphone.device) ?? Number.NaN);
      latencyS.value = Number.isFinite(kept) ? kept : null;
    }, "ready");
  const measure = () =>
    attempt(async () => {
      phase.value = "measuring";
      const { microphone } = heard.current as { microphone: Microphone };
      const found = await microphone.measureLatency();
      if (found === null) {
        said.value = "The sweeps were not heard";
        problem.value = {
          code: "microphone.latency",
          message: "The sweeps were not heard. Use speakers, turn them up, and try again.",
        };
        return;
      }
      problem.value = null;
      latencyS.value = found;
      localStorage.setItem(KEY + microphone.device, String(found));
      said.value = `Latency ${Math.round(found * 1000)} ms`;
    }, "ready");
  const record = () =>
    attempt(async () => {
      phase.value = "recording";
      const { microphone, backing } = heard.current as { microphone: Microphone; backing: AudioBuffer };
      const late = latencyS.peek() ?? microphone.estimateS;
      const stopped = new Promise<void>((done) => {
        stop.current = done;
      });
      const take = await microphone.over(backing, stopped, late);
      phase.value = "saving";
      const sung = take.subarray(Math.round(late * microphone.context.sampleRate));
      await microphone.close();
      heard.current = null;
      await add("vocal", wavOf(sung, microphone.context.sampleRate), "Take.wav");
    }, "closed");

  if (!navigator.mediaDevices) return null;
  if (phase.value === "closed" || phase.value === "opening") {
    return (
      <p class="quiet">
        No vocal yet?{" "}
        <button class="link" disabled={phase.value === "opening"} onClick={() => void open()}>
          {phase.value === "opening" ? "Opening the microphone…" : "Record a take over the backing"}
        </button>
      </p>
    );
  }
  const microphone = heard.current?.microphone;
  return (
    <section class="recorder" aria-label="Recording">
      <Mic />
      {microphone && <Level microphone={microphone} running={phase.value} />}
      <span class="quiet">
        {latencyS.value === null
          ? `latency not measured; the browser says ${numeral((microphone?.estimateS ?? 0) * 1000, 0)} ms`
          : `latency ${numeral(latencyS.value * 1000, 0)} ms, measured`}
      </span>
      <button
        class="small"
        disabled={phase.value !== "ready"}
        onClick={() => void measure()}
        title="Four short sweeps are played and listened to; speakers on, headphones off"
      >
        {phase.value === "measuring" ? "Listening…" : "Measure with speakers"}
      </button>
      {phase.value === "recording" ? (
        <button class="small on" onClick={() => stop.current()}>
          Stop
        </button>
      ) : (
        <button class="small" disabled={phase.value !== "ready"} onClick={() => void record()}>
          {phase.value === "saving" ? "Saving…" : "Record"}
        </button>
      )}
      <span class="quiet">Sing with headphones on, so that only your voice is recorded.</span>
    </section>
  );
}

/** The level of the microphone and, while recording, the time. */
function Level({ microphone, running }: { microphone: Microphone; running: Phase }) {
  const bar = useRef<HTMLElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const start = microphone.context.currentTime;
    let frame = requestAnimationFrame(function again() {
      const db = 20 * Math.log10(Math.max(microphone.level, 0.001));
      if (bar.current) bar.current.style.transform = `scaleX(${(db + 60) / 60})`;
      if (time.current)
        time.current.textContent = running === "recording" ? clock(microphone.context.currentTime - start) : "0:00";
      frame = requestAnimationFrame(again);
    });
    return () => cancelAnimationFrame(frame);
  }, [microphone, running]);
  return (
    <>
      <i class="bar" aria-hidden="true">
        <b ref={bar} />
      </i>
      <span class="time" ref={time}>
        0:00
      </span>
    </>
  );
}
