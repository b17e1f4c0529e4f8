// Renders what the server asks for in an OfflineAudioContext and sends back the samples; tests/studio reads them.
import type { MixPlan } from "../src/generated/plan";
import { renderOffline, stemOf, type Stems } from "../src/engine";

interface Job {
  readonly sampleRate: number;
  readonly plans: readonly MixPlan[];
}

async function stem(name: string): Promise<Stems["vocal"]> {
  return stemOf(await (await fetch(name)).arrayBuffer(), 2);
}

async function send(path: string, body: BodyInit): Promise<void> {
  await fetch(path, { method: "POST", body });
}

async function run(): Promise<void> {
  const { sampleRate, plans } = (await (await fetch("job")).json()) as Job;
  const stems: Stems = { sampleRate, vocal: await stem("vocal"), backing: await stem("backing") };
  for (const [index, plan] of plans.entries()) {
    const start = performance.now();
    const { left, right } = await renderOffline(plan, stems);
    const seconds = (performance.now() - start) / 1000;
    await send(`mix/${index}?seconds=${seconds}`, new Blob([left as BlobPart, right as BlobPart]));
  }
  await send("done", "");
}

run().catch((error: unknown) => send("failed", String(error instanceof Error ? (error.stack ?? error) : error)));
