// A recording as a WAV file of 32-bit float, mono: nothing is lost and nothing clips. Pure.

export function wavOf(samples: Float32Array, sampleRate: number): Blob {
  const head = new DataView(new ArrayBuffer(44));
  const text = (at: number, word: string) =>
    [...word].forEach((letter, i) => head.setUint8(at + i, letter.charCodeAt(0)));
  const bytes = 4 * samples.length;
  text(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 3, true); // IEEE float
  head.setUint16(22, 1, true);
  head.setUint32(24, sampleRate, true);
  head.setUint32(28, 4 * sampleRate, true);
  head.setUint16(32, 4, true);
  head.setUint16(34, 32, true);
  text(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, samples.slice()], { type: "audio/wav" });
}
