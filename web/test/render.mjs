// Renders plans with the engine in node. node render.mjs JOB OUT: float32 samples, plan after plan, channel after channel;
// node render.mjs JOB: the share of real time that each plan takes.
// A job is a JSON file: { sampleRate, vocal, backing, plans } with the stems as base64 of planar float32, two channels.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { runnerImport } from "vite";

const root = new URL("..", import.meta.url).pathname;
const load = async (path) => (await runnerImport(path, { root, configFile: false, logLevel: "error" })).module;
const { Core, QUANTUM } = await load("/src/engine/core.ts");
const { Player } = await load("/src/engine/player.ts");
const { deckPlan } = await load("/src/engine/plan.ts");

const module = new WebAssembly.Module(readFileSync(`${root}/src/generated/engine.wasm`));

const stem = (text) => {
  const samples = new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
  return { left: samples.subarray(0, samples.length / 2), right: samples.subarray(samples.length / 2) };
};

function render(plan, stems) {
  const deck = deckPlan(plan, stems.sampleRate);
  const core = Core.create(module, stems.sampleRate, deck.knobs);
  for (const other of [1, 2]) core.use(other, false);
  const player = new Player(core, stems, deck, () => undefined);
  player.startAtOnce();
  const length = player.length(0);
  const mix = [new Float32Array(length + QUANTUM), new Float32Array(length + QUANTUM)];
  for (let at = 0; at < length; at += QUANTUM)
    player.process({ mix: mix.map((channel) => channel.subarray(at, at + QUANTUM)) });
  return mix.map((channel) => channel.subarray(0, length));
}

const [file, out] = process.argv.slice(2);
const job = JSON.parse(readFileSync(file, "utf8"));
const stems = { sampleRate: job.sampleRate, vocal: stem(job.vocal), backing: stem(job.backing) };
if (out) writeFileSync(out, "");
for (const plan of job.plans) {
  const start = performance.now();
  const mix = render(plan, stems);
  const seconds = (performance.now() - start) / 1000;
  if (out) for (const channel of mix) appendFileSync(out, channel);
  else console.log(((seconds * stems.sampleRate) / mix[0].length).toFixed(5));
}
