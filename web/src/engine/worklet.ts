// The engine inside WebAudio: a processor without inputs and with three stereo outputs, mix, vocal and backing.
import { Core } from "./core";
import { Player } from "./player";
import { PROCESSOR, type Order, type Setup } from "./protocol";

// The scope of a worklet, which TypeScript's DOM library does not describe.
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: new (options: { processorOptions: Setup }) => object): void;

registerProcessor(
  PROCESSOR,
  class extends AudioWorkletProcessor {
    private readonly player: Player;

    constructor({ processorOptions: setup }: { processorOptions: Setup }) {
      super();
      const module = new WebAssembly.Module(setup.module);
      const core = Core.create(module, setup.stems.sampleRate, setup.plan.knobs);
      this.player = new Player(core, setup.stems, setup.plan, (news) => this.port.postMessage(news));
      this.port.onmessage = ({ data }: MessageEvent<Order>) => this.player.obey(data);
      if (setup.playing) this.player.startAtOnce();
    }

    process(_inputs: Float32Array[][], [mix = [], vocal = [], backing = []]: Float32Array[][]): boolean {
      this.player.process({ mix, vocal, backing });
      return true;
    }
  },
);
