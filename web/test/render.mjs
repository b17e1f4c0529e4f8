// Renders plans with the engine in node: node render.mjs JOB [OUT] writes float32 samples to OUT, plan after plan, channel
// after channel, and prints a line of JSON for each plan: what was measured, and `load`, its share of real time.
// A job is a JSON file: { sampleRate, vocal, backing, plans } with the stems as base64 of planar float32, two channels.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { runnerImport } from "vite";

const root = new URL("..", import.meta.url).pathname;
const load = async (path) => (await runnerImport(path, { root, configFile: false, logLevel: "error" })).module;
const { deckPlan } = await load("/src/engine/plan.ts");
const { Whole } = await load("/src/engine/whole.ts");

const module = new WebAssembly.Module(readFileSync(`${root}/src/generated/engine.wasm`));

const stem = (text) => {
  const samples = new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
  return { left: samples.subarray(0, samples.length / 2), right: samples.subarray(samples.length / 2) };
};

const [file, out] = process.argv.slice(2);
const job = JSON.parse(readFileSync(file, "utf8"));
const stems = { sampleRate: job.sampleRate, vocal: stem(job.vocal), backing: stem(job.backing) };
if (out) writeFileSync(out, "");
for (const plan of job.plans) {
  const whole = new Whole(module, stems, deckPlan(plan, stems.sampleRate));
  const mix = [new Float32Array(whole.length), new Float32Array(whole.length)];
  const start = performance.now();
  whole.process(mix);
  const load = (((performance.now() - start) / 1000) * stems.sampleRate) / whole.length;
  if (out) for (const channel of mix) appendFileSync(out, channel);
  console.log(JSON.stringify({ ...whole.measured(), load }));
}
