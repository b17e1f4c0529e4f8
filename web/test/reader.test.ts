// Reading at a moving position.
import { expect, test } from "vitest";
import { Reader } from "../src/engine/reader";

const sound = Float32Array.from({ length: 100 }, (_, i) => i + 1);
const stem = { left: sound, right: sound.map((x) => -x) };

function read(reader: Reader, at: number, frames: number): Float32Array {
  const to = new Float32Array(2 * frames).fill(9);
  reader.read(to, 0, frames, at, frames);
  return to;
}

test("gives both channels, and silence outside", () => {
  const reader = new Reader(stem, 4);
  reader.restart(-2);
  expect([...read(reader, -2, 4)]).toEqual([0, 0, 1, 2, 0, 0, -1, -2]);
  reader.restart(98);
  expect([...read(reader, 98, 4)]).toEqual([99, 100, 0, 0, -99, -100, 0, 0]);
  reader.restart(500);
  expect([...read(reader, 500, 2)]).toEqual([0, 0, 0, 0]);
});

test("goes on without a fade", () => {
  const reader = new Reader(stem, 4);
  reader.restart(0);
  expect([...read(reader, 0, 2), ...read(reader, 2, 2)]).toEqual([1, 2, -1, -2, 3, 4, -3, -4]);
});

test("crossfades a jump, across calls, to what is now", () => {
  const reader = new Reader({ left: new Float32Array(100).fill(1).fill(0, 50), right: sound }, 4);
  reader.restart(10);
  read(reader, 10, 2);
  const faded = [...read(reader, 60, 2).subarray(0, 2), ...read(reader, 62, 4).subarray(0, 4)];
  const expected = [0.8, 0.6, 0.4, 0.2, 0, 0];
  faded.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? 0, 6));
});
