// What tests/web/engine.py gives to a page, and takes from it.
import { stemOf, type Stems } from "../src/engine";
import type { MixPlan } from "../src/generated/plan";

export interface Job {
  readonly stems: Stems;
  readonly plans: readonly MixPlan[];
}

async function job(): Promise<Job> {
  const { sampleRate, plans } = (await (await fetch("job")).json()) as { sampleRate: number; plans: MixPlan[] };
  const stem = async (name: string) => stemOf(await (await fetch(name)).arrayBuffer(), 2);
  return { stems: { sampleRate, vocal: await stem("vocal"), backing: await stem("backing") }, plans };
}

export async function send(path: string, body: BodyInit): Promise<void> {
  await fetch(path, { method: "POST", body });
}

/** Run a page's work; what it returns is the last thing the server hears. */
export function run(work: (job: Job) => Promise<unknown>): void {
  job()
    .then(work)
    .then((result) => send("done", JSON.stringify(result ?? null)))
    .catch((error: unknown) => send("failed", error instanceof Error ? `${error.message}\n${error.stack}` : String(error)));
}
