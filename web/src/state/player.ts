// The engine behind play, pause, loop and A/B/C, and its news as signals.
import { createEngine, type Part, type Slot, type Stem } from "../engine";
import { clamp } from "../pure/scale";
import { api } from "./api";
import { onEdit } from "./edit";
import {
  audible,
  doc,
  engine,
  loop,
  matchDb,
  matched,
  meters,
  playing,
  positionS,
  problem,
  said,
  seconds,
  slot,
} from "./store";
import type { PartName, Sound, Sounds } from "./types";

const NAMES: Record<Slot, string> = { dry: "dry sum", suggestion: "suggestion", mine: "mine" };

/** Fetch both sounds and make the engine. */
export async function load(id: string, found: Sounds): Promise<void> {
  const [vocal, backing] = await Promise.all([stem(id, "vocal", found.vocal), stem(id, "backing", found.backing)]);
  const made = await createEngine({ sampleRate: found.vocal.sample_rate, vocal, backing });
  made.on("meters", (news) => {
    meters.value = news;
    positionS.value = news.positionS;
    playing.value = news.playing;
  });
  made.on("match", (news) => {
    matchDb.value = news;
  });
  made.on("ended", () => {
    playing.value = false;
    positionS.value = 0;
  });
  made.on("failed", (message) => {
    problem.value = { code: "engine", message };
  });
  engine.value = made;
  if (doc.peek()) hand();
  else select("dry"); // heard as it came until something is decided
}

/** Hear the mix, now that there is one. */
export function decided(): void {
  if (slot.peek() === "dry") select("mine");
}

/** Let go of the sound. */
export async function unload(): Promise<void> {
  const old = engine.peek();
  engine.value = null;
  playing.value = false;
  positionS.value = 0;
  loop.value = null;
  await old?.dispose();
}

onEdit(hand);

/** Give the engine the plans as they are. */
function hand(): void {
  const [now, sound] = [doc.peek(), engine.peek()];
  if (!now || !sound) return;
  sound.setPlan("suggestion", now.suggestion);
  sound.setPlan("mine", now.mine);
}

export async function togglePlay(): Promise<void> {
  const sound = engine.peek();
  if (!sound) return;
  if (playing.peek()) sound.pause();
  else await sound.play();
  playing.value = !playing.peek();
}

export function seek(toS: number): void {
  const at = clamp(toS, 0, seconds.peek());
  positionS.value = at;
  engine.peek()?.seek(at);
}

export function select(next: Slot): void {
  slot.value = next;
  engine.peek()?.select(next);
  if (doc.peek()) said.value = `Listening to ${NAMES[next]}`;
}

export function setMatched(on: boolean): void {
  matched.value = on;
  engine.peek()?.setMatched(on);
}

/** Silence a part for listening, or let nothing but it be heard. */
export function setAudible(parts: Partial<Record<Part, boolean>>): void {
  audible.value = { ...audible.peek(), ...parts };
  engine.peek()?.setHeard(audible.peek());
}

export function mute(part: PartName): void {
  const on = !audible.peek()[part];
  setAudible(part === "vocal" ? { vocal: on, reverb: on } : { backing: on });
  said.value = `${part} ${on ? "on" : "muted"}`;
}

export function solo(part: PartName): void {
  const other = part === "vocal" ? "backing" : "vocal";
  const alone = audible.peek()[part] && !audible.peek()[other];
  const vocal = alone || part === "vocal";
  setAudible({ vocal, reverb: vocal, backing: alone || part === "backing" });
  said.value = alone ? "both on" : `${part} alone`;
}

/** Repeat a stretch, or stop repeating. */
export function setLoop(next: { startS: number; endS: number } | null, on = true): void {
  loop.value = next && { ...next, on };
  engine.peek()?.setLoop(next && on ? { startS: next.startS, endS: next.endS } : null);
}

/** Fetch one sound as it is. */
export async function stem(id: string, part: PartName, sound: Sound): Promise<Stem> {
  const channels = Array.from({ length: sound.channels }, () => samplesOf(sound.frames));
  const reader = ((await api.samples(id, part)).body as ReadableStream<Uint8Array>).getReader();
  const filler = new Filler(channels, sound.format);
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) filler.take(piece.value);
  const left = channels[0] as Float32Array;
  return { left, right: channels[1] ?? left };
}

/** Memory that worklet and worker can share where the browser allows it. */
function samplesOf(frames: number): Float32Array {
  return globalThis.crossOriginIsolated
    ? new Float32Array(new SharedArrayBuffer(4 * frames))
    : new Float32Array(frames);
}

/** Turns bytes as they come, channel after channel, into samples; no piece takes long. */
class Filler {
  private at = 0;
  private rest = new Uint8Array(0);

  constructor(
    private readonly channels: readonly Float32Array[],
    private readonly format: Sound["format"],
  ) {}

  take(bytes: Uint8Array): void {
    const width = this.format === "s16" ? 2 : 4;
    const joined = new Uint8Array(this.rest.length + bytes.length);
    joined.set(this.rest);
    joined.set(bytes, this.rest.length);
    const whole = joined.length - (joined.length % width);
    this.rest = joined.slice(whole);
    const samples =
      width === 2 ? new Int16Array(joined.buffer, 0, whole / 2) : new Float32Array(joined.buffer, 0, whole / 4);
    this.put(samples, width === 2 ? 1 / 32768 : 1);
  }

  private put(samples: Int16Array | Float32Array, scale: number): void {
    for (let from = 0; from < samples.length;) {
      const frames = (this.channels[0] as Float32Array).length;
      const channel = this.channels[Math.floor(this.at / frames)];
      if (!channel) return;
      const start = this.at % frames;
      const count = Math.min(frames - start, samples.length - from);
      if (scale === 1) channel.set(samples.subarray(from, from + count), start);
      else for (let i = 0; i < count; i++) channel[start + i] = (samples[from + i] as number) * scale;
      from += count;
      this.at += count;
    }
  }
}
