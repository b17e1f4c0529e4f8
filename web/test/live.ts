// Plays for a moment through a real AudioContext, and tells what it saw.
import { createEngine, setKnob, type Engine, type EngineEvents, type Measured, type Meters, type Slot } from "../src/engine";
import { run } from "./server";

/** Wait for an event that satisfies; the test gives up when it never comes. */
function until<Name extends keyof EngineEvents>(
  engine: Engine,
  name: Name,
  satisfies: (event: EngineEvents[Name]) => boolean,
): Promise<EngineEvents[Name]> {
  return new Promise((resolve) => {
    const off = engine.on(name, (event) => {
      if (!satisfies(event)) return;
      off();
      resolve(event);
    });
  });
}

run(async ({ stems, plans: [plan] }) => {
  if (!plan) throw new Error("no plan");
  const engine = await createEngine(stems);
  const measured: Partial<Record<Slot, Measured>> = {};
  engine.on("measured", ({ slot, measured: figures }) => (measured[slot] = figures));
  const all = until(engine, "match", () => Object.keys(measured).length === 3);
  engine.setPlan("suggestion", plan);
  engine.setPlan("mine", setKnob(plan, "master.gain_db", -6));

  const playing = until(engine, "meters", ({ positionS }) => positionS > 0.2);
  await engine.play();
  const first: Meters = await playing;
  const spectra = engine.spectra();
  const loudest = [spectra.vocalDb, spectra.backingDb].map((db) => Math.max(...db));
  const match = await all;
  engine.select("dry");
  const there = until(engine, "meters", ({ positionS }) => positionS >= 1.2);
  engine.seek(1.2);
  const after = await there;
  const still = until(engine, "meters", ({ playing }) => !playing);
  engine.pause();
  const paused = await still;
  await engine.dispose();
  return { shared: crossOriginIsolated, first, loudest, measured, match, after, paused };
});
