// How much of real time the engine takes in node: node load.mjs JOB (as for render.mjs, with one plan). All three slots
// play; `steady` leaves the plan alone, `turned` turns a knob every 20 ms, so that everything glides all the time.
import { readFileSync } from "node:fs";
import { runnerImport } from "vite";

const root = new URL("..", import.meta.url).pathname;
const load = async (path) => (await runnerImport(path, { root, configFile: false, logLevel: "error" })).module;
const { Core, QUANTUM } = await load("/src/engine/core.ts");
const { deckPlan, dryPlan, setKnob } = await load("/src/engine/plan.ts");

const { Player } = await load("/src/engine/player.ts");

const module = new WebAssembly.Module(readFileSync(`${root}/src/generated/engine.wasm`));
const { sampleRate, vocal, backing, plans } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const [plan] = plans;
const stem = (text) => {
  const samples = new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
  return { left: samples.subarray(0, samples.length / 2), right: samples.subarray(samples.length / 2) };
};
const stems = { sampleRate, vocal: stem(vocal), backing: stem(backing) };
const RUNS = 5;
const knobs = {
  gain: (i) => setKnob(plan, "vocal.gain_db", i % 2),
  decay: (i) => setKnob(plan, "reverb.decay_mid_s", 1 + (i % 7) / 10),
  extremes: (i) =>
    ["low", "mid", "high"].reduce(
      (made, band, k) => setKnob(made, `reverb.decay_${band}_s`, (i * 5 + k * 3) % 7 < 3 ? 0.2 : 10 - (i % 5)),
      setKnob(plan, "reverb.damping_hz", 1500 + (i % 11) * 700),
    ),
  size: (i) => setKnob(plan, "reverb.size", 0.5 + (i % 13) / 10),
};

/** Milliseconds of each quantum, of a run from start to end. */
function once(turned) {
  const core = Core.create(module, sampleRate, deckPlan(plan, sampleRate).knobs);
  const player = new Player(core, stems, deckPlan(plan, sampleRate), () => undefined);
  player.obey({ do: "plan", deck: 0, plan: deckPlan(dryPlan(plan), sampleRate) });
  player.startAtOnce();
  const mix = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
  const times = new Float64Array(Math.floor(player.length(0) / QUANTUM));
  let turns = 0;
  for (let k = 0; k < times.length; k++) {
    if (turned && (k * QUANTUM) / sampleRate > turns * 0.02)
      player.obey({ do: "plan", deck: 2, plan: deckPlan(turned(turns++), sampleRate) });
    const start = performance.now();
    player.process({ mix });
    times[k] = performance.now() - start;
  }
  return times;
}

/** The same run several times, each quantum at its fastest: other programs on the machine do not count. */
function measure(turned) {
  const times = once(turned);
  for (let run = 1; run < RUNS; run++) once(turned).forEach((ms, k) => (times[k] = Math.min(times[k], ms)));
  times.sort();
  const share = (ms) => Number(((ms * sampleRate) / (1000 * QUANTUM)).toFixed(4));
  return { mean: share(times.reduce((a, b) => a + b) / times.length), worst: share(times.at(-1)) };
}

for (const [name, turned] of [["steady", undefined], ...Object.entries(knobs)])
  console.log(JSON.stringify({ turned: name, ...measure(turned) }));
