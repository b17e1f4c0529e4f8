// A person's way through the studio in a real browser; prints what was seen as JSON. Robust waits only, no sleeps.
//   node test/studio.mjs CHROMIUM ADDRESS VOCAL BACKING BROKEN SUNG OUT
// SUNG is a WAV file that stands in for the microphone.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [program, address, vocal, backing, broken, sung, out] = process.argv.slice(2);
const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const PANELS = ["level", "equalizer", "compressor", "reverb", "backing", "master"];
const seen = { errors: [], turned: {}, axe: {}, overflow: {} };

const browser = await chromium.launch({
  executablePath: program,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${sung}`,
  ],
});
// Scripts of the page itself obey its policy; axe is put in from outside, which the policy would refuse.
const context = await browser.newContext({
  viewport: { width: 1280, height: 800 },
  colorScheme: "dark",
  acceptDownloads: true,
});
context.setDefaultTimeout(90000);
const page = await watched(context);

async function watched(of) {
  const made = await of.newPage();
  made.on("pageerror", (error) => seen.errors.push(String(error)));
  made.on(
    "console",
    (message) =>
      message.type() === "error" && !/status of 422/.test(message.text()) && seen.errors.push(message.text()),
  );
  return made;
}

const serious = async (name, on = page) => {
  await on.evaluate(AXE);
  const found = await on.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  seen.axe[name] = found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((node) => `${node.html.slice(0, 160)} (${node.any[0]?.message ?? ""})`)
          .join(" | ")}`,
    );
};
const overflow = (on = page) =>
  on.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const saved = () =>
  page.evaluate(async () => (await (await fetch(`api/projects/${location.hash.slice(1)}`)).json()).doc);
const value = (path, on = page) => on.locator(`[data-path="${path}"] input.number`).inputValue();
const changedFrom = (path, before, on = page) =>
  on.waitForFunction(
    ([at, old]) => document.querySelector(`[data-path="${at}"] input.number`)?.value !== old,
    [path, before],
  );
const quiet = () =>
  page.waitForFunction(
    () => document.querySelector(".work:not(.on)") && !document.querySelector('.wishes[aria-busy="true"]'),
  );
const open = async (name, on = page) => {
  await on.click(`#tab-${name}`);
  await on.waitForSelector(`[data-panel="${name}"] .knob`);
};
const type = async (path, text) => {
  const before = await value(path);
  await page.fill(`[data-path="${path}"] input.number`, text);
  await page.keyboard.press("Enter");
  await changedFrom(path, before);
};
const clock = () => page.locator(".clock b").textContent();

async function firstScreen() {
  await page.goto(address);
  await page.waitForSelector(".start h1");
  await serious("first screen");
  await page.screenshot({ path: `${out}/first.png` });
  await page.locator("input[type=file]").first().setInputFiles(broken);
  seen.broken = await page.locator("[role=alert]").textContent();
  seen.brokenCode = await page.locator("[role=alert]").getAttribute("data-code");
  await page.locator("input[type=file]").first().setInputFiles(vocal);
  await page.locator("input[type=file]").nth(1).setInputFiles(backing);
  await page.waitForSelector(".play:not(:disabled)");
  await page.waitForSelector(".abc");
  await quiet();
}

async function listening() {
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.querySelector(".clock b").textContent === "0:01");
  seen.slots = [];
  for (const key of ["a", "b", "c"]) {
    await page.keyboard.press(key);
    seen.slots.push(await page.locator('.abc [aria-pressed="true"]:not(.match)').textContent());
  }
  seen.meters = await page.locator(".meters").textContent();
  await page.keyboard.press("Space");
  await page.waitForSelector('.play[aria-label="Play"]');
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector(".clock b").textContent === "0:00");
  const box = await page.locator(".area").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + 40);
  await page.waitForFunction(() => document.querySelector(".clock b").textContent !== "0:00");
  seen.sought = await clock();
  await page.mouse.move(box.x + 200, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 400, box.y + 50, { steps: 4 });
  await page.mouse.up();
  seen.looped = await page.locator(".loop.on span").textContent();
  await page.keyboard.press("l");
  await page.waitForSelector(".loop:not(.on)");
  await page.keyboard.press("+");
  await page.keyboard.press("-");
  await page.keyboard.press("s");
  seen.solo = await page.getByRole("button", { name: "Solo vocal" }).getAttribute("aria-pressed");
  await page.keyboard.press("s");
}

/** Turn the first knob of each panel by mouse and by key, and see the number follow. */
async function turning() {
  for (const name of PANELS) {
    await open(name);
    const slider = page.locator(".knob input[type=range]").first();
    const path = await page.locator(".knob").first().getAttribute("data-path");
    const start = await value(path);
    await slider.scrollIntoViewIfNeeded();
    const box = await slider.boundingBox();
    const far = (await slider.evaluate((each) => each.value / each.max)) < 0.5 ? 0.75 : 0.25;
    await page.mouse.click(box.x + box.width * far, box.y + box.height / 2);
    await changedFrom(path, start);
    const byMouse = await value(path);
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    await changedFrom(path, byMouse);
    seen.turned[path] = [start, byMouse, await value(path), await slider.getAttribute("aria-valuetext")];
    await serious(`panel ${name}`);
  }
  await open("equalizer");
  await page.locator('.point[data-band$="bell_2"]').hover();
  await page.mouse.down();
  const held = await page.locator('.point[data-band$="bell_2"]').boundingBox();
  await page.mouse.move(held.x + 60, held.y - 40, { steps: 5 });
  await page.mouse.up();
  seen.dragged = await page.locator('.point[data-band$="bell_2"]').getAttribute("aria-valuetext");
  await page.locator('.point[data-band$="bell_2"]').focus();
  await page.keyboard.press("ArrowDown");
  seen.nudged = await page.locator('.point[data-band$="bell_2"]').getAttribute("aria-valuetext");
}

async function undoing() {
  const undo = page.getByRole("button", { name: "Undo" });
  const redo = page.getByRole("button", { name: "Redo" });
  seen.undone = 0;
  await page.locator(".area").focus();
  while (await undo.isEnabled()) {
    await page.keyboard.press("Control+z");
    seen.undone++;
  }
  await page.waitForFunction(() => !document.querySelector(".own"));
  while (await redo.isEnabled()) await page.keyboard.press("Control+y");
  seen.redone = await page.locator(".own").count();
  while (await undo.isEnabled()) await page.keyboard.press("Control+z");
}

/** Sliders and method: what is not locked follows. */
async function wishing() {
  await open("level");
  seen.gains = [await value("vocal.gain_db")];
  await page.focus("#vocal_level_lu");
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
  seen.closer = await page.locator("#vocal_level_lu").getAttribute("aria-valuetext");
  await changedFrom("vocal.gain_db", seen.gains[0]);
  await quiet();
  seen.gains.push(await value("vocal.gain_db"));
  await page.selectOption(".method select", "rules");
  await page.waitForFunction(() => /by rules/.test(document.querySelector(".figures").textContent));
  await quiet();
  seen.tabsByRules = await page.locator(".tabs").textContent();
  while (await page.getByRole("button", { name: "Undo" }).isEnabled()) await page.keyboard.press("Control+z");
  await page.waitForFunction(() => document.querySelector(".method select").value === "learned");
  await quiet();
  seen.gains.push(await value("vocal.gain_db"));
}

async function locking() {
  await open("level");
  await type("vocal.gain_db", "3.5");
  await open("reverb");
  const before = await value("reverb.return_db");
  await page.fill('[data-wish="amount"] input.number', "50");
  await page.keyboard.press("Enter");
  await changedFrom("reverb.return_db", before);
  await quiet();
  seen.returns = [before, await value("reverb.return_db")];
  await open("level");
  seen.lockedGain = await value("vocal.gain_db");
  await open("master");
  await type("master.ceiling_dbtp", "-2");
  await page.getByRole("button", { name: "Solve the rest" }).click();
  await quiet();
  seen.ceiling = await value("master.ceiling_dbtp");
}

async function exporting() {
  for (const kind of ["mix-wav", "plan-wav", "stems-wav", "report-wav"]) {
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-export="${kind}"]`)]);
    await download.saveAs(`${out}/${kind}`);
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".opener")].some((each) => each.textContent.trim() === "Export"),
    );
  }
}

async function presets() {
  await page.getByRole("button", { name: "Presets" }).click();
  await page.fill('input[aria-label="Name of the preset"]', "Mine");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.sheet [aria-label="Delete preset Mine"]');
  await serious("menu");
  await page.locator(".sheet .line button").first().click();
  await quiet();
}

async function windows() {
  await page.waitForFunction(
    async () => (await (await fetch(`api/projects/${location.hash.slice(1)}`)).json()).doc?.locks.length === 2,
  );
  const other = await watched(context);
  await other.goto(page.url());
  await open("compressor", other);
  const before = await value("vocal.compressor.threshold_db", other);
  await open("compressor");
  await type("vocal.compressor.threshold_db", "-31");
  await changedFrom("vocal.compressor.threshold_db", before, other);
  seen.otherWindow = await value("vocal.compressor.threshold_db", other);
  await other.close();
  await page.evaluate(
    () =>
      fetch(`api/projects/${location.hash.slice(1)}/decide`, { method: "POST", body: "{}" }).catch(() => null) && null,
  );
  await page.reload();
  await open("compressor");
  seen.afterReload = await value("vocal.compressor.threshold_db");
  seen.undoAfterReload = await page.getByRole("button", { name: "Undo" }).isEnabled();
  seen.doc = (await saved()).wishes;
}

/** Three sizes, dark and light; looked at by people, and checked for what sticks out. */
async function sizes() {
  await page.waitForSelector(".play:not(:disabled)");
  await open("equalizer");
  await quiet();
  for (const [width, height] of [
    [360, 780],
    [1280, 800],
    [2560, 1440],
  ]) {
    await page.setViewportSize({ width, height });
    seen.overflow[width] = await overflow();
    await page.screenshot({ path: `${out}/studio-${width}.png`, fullPage: width < 500 });
  }
  await serious("wall");
  await page.setViewportSize({ width: 360, height: 780 });
  await serious("narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Light or dark" }).click();
  for (const name of PANELS) {
    await open(name);
    await serious(`light ${name}`);
  }
  await page.screenshot({ path: `${out}/studio-light.png` });
  await page.keyboard.press("?");
  await page.waitForSelector(".help");
  await serious("keys");
}

/** A take over the backing, and a song of it. */
async function recording() {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Sitwell" }).click();
  await page.waitForSelector(".start h1");
  await page.locator("input[type=file]").nth(1).setInputFiles(backing);
  await page.getByRole("button", { name: "Record a take over the backing" }).click();
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await page.waitForFunction(() => document.querySelector(".recorder .time").textContent === "0:04");
  await page.screenshot({ path: `${out}/recording.png` });
  await serious("recording");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.waitForSelector(".abc");
  await quiet();
  seen.take = await page.evaluate(async () => (await fetch(`api/projects/${location.hash.slice(1)}/vocal`)).json());
}

try {
  for (const step of [
    firstScreen,
    listening,
    turning,
    undoing,
    wishing,
    locking,
    exporting,
    presets,
    windows,
    sizes,
    recording,
  ]) {
    const start = performance.now();
    await step();
    seen[`${step.name}_ms`] = Math.round(performance.now() - start);
  }
} catch (error) {
  seen.failed = String(error.stack);
  await page.screenshot({ path: `${out}/failed.png` }).catch(() => null);
}
await browser.close();
console.log(JSON.stringify(seen, null, 1));
