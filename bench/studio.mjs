// Measures the page in Chromium: until it can be used, from two files to sound, and long tasks while it plays.
//   node bench/studio.mjs CHROMIUM ADDRESS VOCAL BACKING SECONDS SERVER
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../web/package.json", import.meta.url))("playwright-core");
const [program, address, vocal, backing, seconds, server] = process.argv.slice(2);

/** CPU seconds of a process and all below it, by /proc; those of children that ended are with their parents. */
function cpuS(of) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ");
      return [{ pid, parent: fields[1], ticks: fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0) }];
    } catch {
      return []; // it ended meanwhile
    }
  });
  const below = (pid) => all.filter((each) => each.parent === pid).reduce((sum, each) => sum + below(each.pid), 0) + (all.find((each) => each.pid === pid)?.ticks ?? 0);
  return below(of) / 100; // ticks a second on Linux
}

const browser = await chromium.launch({
  executablePath: program,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.addInitScript(() => {
  globalThis.tasks = [];
  new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration])))
    .observe({ type: "longtask", buffered: true });
});
const clock = () => performance.now();
const start = clock();
await page.goto(address);
await page.waitForSelector(".start h1");
const interactive = clock() - start;
const weight = await page.evaluate(() => performance.getEntriesByType("resource").reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0));
const idle = cpuS(server);
const dropped = clock();
await page.locator("input[type=file]").first().setInputFiles(vocal);
await page.locator("input[type=file]").nth(1).setInputFiles(backing);
await page.waitForSelector(".abc");
await page.waitForSelector(".play:not(:disabled)");
await page.click(".play");
await page.waitForFunction(() => !document.querySelector(".bars b").style.transform.startsWith("scaleX(0)"));
const sound = clock() - dropped;
const spent = cpuS(server) - idle;
await page.waitForFunction(() => document.querySelector(".work:not(.on)"));
const measured = clock() - dropped;
await page.click("#tab-equalizer");
await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
const playing = await page.evaluate(() => performance.now());
const frames = await page.evaluate((length) => new Promise((done) => {
  let count = 0;
  const end = performance.now() + 1000 * length;
  requestAnimationFrame(function again(now) {
    count++;
    if (now < end) requestAnimationFrame(again);
    else done(count / length);
  });
}), Number(seconds));
const tasks = await page.evaluate((from) => globalThis.tasks.filter(([at]) => at >= from).map(([, length]) => length), playing);
const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
// Time that the page's main thread spends in one task: on the clock others take part of it, on the CPU nobody does.
const main = traceEvents.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
const cpu = traceEvents.filter(({ name, tid, pid }) => /RunTask$/.test(name) && tid === main.tid && pid === main.pid).map(({ tdur }) => (tdur ?? 0) / 1000);
await browser.close();
console.log(JSON.stringify({
  interactive_s: interactive / 1000, drop_to_sound_s: sound / 1000, drop_to_sound_server_cpu_s: spent, drop_to_measured_s: measured / 1000,
  frames_per_s: frames, long_tasks: tasks.length, longest_task_ms: Math.max(0, ...tasks), longest_task_cpu_ms: Math.max(0, ...cpu),
  main_thread_cpu_share: cpu.reduce((sum, each) => sum + each, 0) / 1000 / Number(seconds), loaded_kb: weight / 1000,
}));
