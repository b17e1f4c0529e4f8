// In the worklet: passes on what the microphone hears, with the frame at which each block begins.
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new () => object): void;

registerProcessor(
  "sitwell-capture",
  class extends AudioWorkletProcessor {
    process([input]: Float32Array[][]): boolean {
      const channel = input?.[0];
      if (channel) this.port.postMessage([currentFrame, channel.slice()]);
      return true;
    }
  },
);
