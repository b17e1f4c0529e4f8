// A plan rendered from start to end without WebAudio, as an export is, piece by piece.
import { Core, QUANTUM } from "./core";
import { Player } from "./player";
import type { DeckPlan } from "./protocol";
import type { Measured, Stems } from "./types";

export class Whole {
  readonly length: number;
  private readonly player: Player;
  private done = 0;

  constructor(module: WebAssembly.Module, stems: Stems, plan: DeckPlan) {
    const core = Core.create(module, stems.sampleRate, plan.knobs);
    for (const other of [1, 2]) core.use(other, false);
    this.player = new Player(core, stems, plan, () => undefined);
    this.player.startAtOnce();
    this.length = this.player.length(0);
  }

  /** Fill two channels with what comes next. */
  process(mix: readonly [Float32Array, Float32Array]): void {
    for (let at = 0; at < mix[0].length; at += QUANTUM)
      this.player.process({ mix: mix.map((channel) => channel.subarray(at, at + QUANTUM)) });
    this.done += mix[0].length;
  }

  get left(): number {
    return this.length - this.done;
  }

  /** Say what came out; once nothing is left. */
  measured(): Measured {
    const { integratedLufs, loudnessRangeLu, truePeakDbtp, limiterMostDb } = this.player.core.report(true);
    return { integratedLufs, loudnessRangeLu, truePeakDbtp, limiterDb: limiterMostDb };
  }
}
