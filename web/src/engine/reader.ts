// Reads a stem at a moving position; wherever the position jumps, what was and what is now are crossfaded.
import type { Stem } from "./types";

export class Reader {
  private expected = 0;
  private old = 0;
  private left = 0;

  constructor(
    private readonly stem: Stem,
    private readonly fadeFrames: number,
  ) {}

  /** Go somewhere without a crossfade. */
  restart(at: number): void {
    this.expected = at;
    this.left = 0;
  }

  /** Write frames [at, at + frames) to both channels of `to`, which start at `first` and `first + stride`. */
  read(to: Float32Array, first: number, stride: number, at: number, frames: number): void {
    if (at !== this.expected) {
      this.old = this.expected;
      this.left = this.fadeFrames;
    }
    copy(this.stem.left, to, first, at, frames);
    copy(this.stem.right, to, first + stride, at, frames);
    if (this.left > 0) this.fade(to, first, stride, Math.min(frames, this.left));
    this.expected = at + frames;
  }

  private fade(to: Float32Array, first: number, stride: number, frames: number): void {
    const { left, right } = this.stem;
    for (let i = 0; i < frames; i++) {
      const old = this.left / (this.fadeFrames + 1);
      const l = first + i;
      const r = l + stride;
      to[l] = (to[l] ?? 0) * (1 - old) + (left[this.old] ?? 0) * old;
      to[r] = (to[r] ?? 0) * (1 - old) + (right[this.old] ?? 0) * old;
      this.old++;
      this.left--;
    }
  }
}

/** Copy with silence where the sound has no frames. */
function copy(from: Float32Array, to: Float32Array, first: number, at: number, frames: number): void {
  const start = Math.min(Math.max(at, 0), from.length);
  const end = Math.min(Math.max(at + frames, 0), from.length);
  if (end - start < frames) to.fill(0, first, first + frames);
  if (end > start) to.set(from.subarray(start, end), first + start - at);
}
