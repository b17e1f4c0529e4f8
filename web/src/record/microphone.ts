// The microphone beside a sound that is played: both on one clock, so that a take can be put where it was sung.
import captureUrl from "./capture?worker&url";
import { latencyOf, train } from "./latency";

const LEAD_S = 0.25; // from the click until the sound begins

/** What the microphone hears; nothing is done to it by the browser. */
export class Microphone {
  level = 0; // largest sample of late, falls by half every block
  private blocks: Float32Array[] = [];
  private keptFrom = Number.POSITIVE_INFINITY;

  private constructor(
    readonly context: AudioContext,
    private readonly stream: MediaStream,
    node: AudioWorkletNode,
  ) {
    node.port.onmessage = ({ data: [frame, block] }: MessageEvent<[number, Float32Array]>) => {
      this.level = block.reduce((most, sample) => Math.max(most, Math.abs(sample)), this.level * 0.9);
      if (frame + block.length > this.keptFrom) this.blocks.push(block.subarray(Math.max(this.keptFrom - frame, 0)));
    };
  }

  /** Ask for the microphone; rejects when it is not allowed. Call it from a click. */
  static async open(sampleRate: number): Promise<Microphone> {
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const context = new AudioContext({ sampleRate, latencyHint: "interactive" });
    await context.audioWorklet.addModule(captureUrl);
    const node = new AudioWorkletNode(context, "sitwell-capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
    return new Microphone(context, stream, node);
  }

  /** The name of the device, to remember its latency by. */
  get device(): string {
    return this.stream.getAudioTracks()[0]?.label ?? "microphone";
  }

  /** What the browser believes of the way out; the way in is unknown to it. */
  get estimateS(): number {
    return this.context.baseLatency + this.context.outputLatency;
  }

  /** Play a sound and keep what is heard from its first sample on; resolves at its end, or when `stopped` does. */
  async over(sound: AudioBuffer, stopped: Promise<void>, tailS = 0): Promise<Float32Array> {
    const source = new AudioBufferSourceNode(this.context, { buffer: sound });
    source.connect(this.context.destination);
    const at = this.context.currentTime + LEAD_S;
    this.blocks = [];
    this.keptFrom = Math.round(at * this.context.sampleRate);
    source.start(at);
    await Promise.race([
      stopped,
      new Promise((done) => {
        source.onended = done;
      }),
    ]);
    source.stop();
    if (tailS) await this.heardUntil(tailS);
    this.keptFrom = Number.POSITIVE_INFINITY;
    const whole = new Float32Array(this.blocks.reduce((sum, block) => sum + block.length, 0));
    this.blocks.reduce((position, block) => (whole.set(block, position), position + block.length), 0);
    return whole;
  }

  /** Measure the way out and in again; null when the sweeps were not heard. */
  async measureLatency(): Promise<number | null> {
    const sweeps = train(this.context.sampleRate);
    const sound = new AudioBuffer({ length: sweeps.length, sampleRate: this.context.sampleRate });
    sound.getChannelData(0).set(sweeps);
    return latencyOf(await this.over(sound, new Promise(() => undefined)), this.context.sampleRate);
  }

  async close(): Promise<void> {
    for (const track of this.stream.getTracks()) track.stop();
    await this.context.close();
  }

  private async heardUntil(moreS: number): Promise<void> {
    const end = this.context.currentTime + moreS;
    while (this.context.currentTime < end) await new Promise(requestAnimationFrame);
  }
}
