// Renders every plan of the job in an OfflineAudioContext and sends back the samples.
import { renderOffline } from "../src/engine";
import { run, send } from "./server";

run(async ({ stems, plans }) => {
  for (const [index, plan] of plans.entries()) {
    const start = performance.now();
    const { left, right } = await renderOffline(plan, stems);
    const seconds = (performance.now() - start) / 1000;
    await send(`mix/${index}?seconds=${seconds}`, new Blob([left as BlobPart, right as BlobPart]));
  }
});
