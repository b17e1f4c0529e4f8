// From files to a mix: uploads, opening a project, following its progress, starting over.
import { KNOBS } from "../generated/plan";
import { getKnob } from "../engine";
import { EMPTY } from "../pure/history";
import { api } from "./api";
import { accept } from "./edit";
import { load, unload } from "./player";
import { adopted, follow, forget, save } from "./save";
import { listenSoon, NEUTRAL, refuse, suggest } from "./solve";
import {
  analysis,
  arriving,
  doc,
  fresh,
  heard,
  history,
  info,
  notices,
  peaks,
  problem,
  project,
  projects,
  slot,
  sounds,
  stage,
  view,
} from "./store";
import type { Kept, PartName, Project } from "./types";

/** Show the first screen. */
export async function home(): Promise<void> {
  await clear();
  project.value = null;
  if (location.hash) history_.replaceState(null, "", location.pathname);
  await listProjects();
}

const history_ = window.history;

export async function listProjects(): Promise<void> {
  try {
    projects.value = await api.projects();
  } catch (error) {
    refuse(error);
  }
}

/** Take a file as vocal or backing; when both are there the work begins. */
export async function add(part: PartName, file: Blob, name: string): Promise<void> {
  problem.value = null;
  const limit = info.peek()?.limits.bytes ?? Number.POSITIVE_INFINITY;
  if (file.size > limit) {
    problem.value = {
      code: "studio.too_large",
      message: `${name} has ${Math.round(file.size / 2 ** 20)} MB; at most ${Math.round(limit / 2 ** 20)} MB can be opened. Use a FLAC, or cut it.`,
    };
    return;
  }
  arriving.value = { ...arriving.peek(), [part]: name };
  let came = false;
  try {
    await upload(part, file, name);
    came = true;
  } catch (error) {
    refuse(error);
  } finally {
    const { [part]: _, ...rest } = arriving.peek();
    arriving.value = rest;
  }
  const found = project.peek();
  if (came && found?.parts.vocal && found.parts.backing && !Object.keys(arriving.peek()).length) {
    await open(found.id);
  }
}

let creating: Promise<Project> | null = null;

async function upload(part: PartName, file: Blob, name: string): Promise<void> {
  if (!project.peek()) {
    creating ??= api.create(name.replace(/\.[^.]*$/, ""));
    try {
      project.value ??= await creating;
    } finally {
      creating = null;
    }
  }
  const id = (project.peek() as Project).id;
  const told = await api.upload(id, part, file, name);
  const now = project.peek();
  if (now?.id === id && told.revision > now.revision) project.value = told;
}

export async function example(): Promise<void> {
  problem.value = null;
  stage.value = { stage: "example", share: 0 };
  try {
    await open((await api.example()).id);
  } catch (error) {
    stage.value = null;
    refuse(error);
  }
}

/** Open a project: sound and waveforms, then balance, then the plan that was kept or a new one. */
export async function open(id: string): Promise<void> {
  await clear();
  try {
    const found = await api.open(id);
    project.value = found;
    if (location.hash !== `#${id}`) history_.pushState(null, "", `#${id}`);
    if (!found.parts.vocal || !found.parts.backing) return;
    follow(found, (told) => {
      if (project.peek()?.id === id) stage.value = told.share >= 1 ? null : told;
    });
    const kept = usable(found.doc);
    if (kept) show(kept);
    await Promise.all([listen(id), kept ? undefined : decide(id)]);
    if (kept) listenSoon();
  } catch (error) {
    stage.value = null;
    refuse(error);
  }
}

async function listen(id: string): Promise<void> {
  const found = await api.sounds(id);
  if (project.peek()?.id !== id) return;
  sounds.value = found;
  const draw = async (part: PartName): Promise<void> => {
    const drawn = await api.peaks(id, part);
    if (project.peek()?.id === id) peaks.value = { ...peaks.peek(), [part]: drawn };
  };
  await Promise.all([draw("vocal"), draw("backing"), load(id, found), measure(id)]);
}

async function measure(id: string): Promise<void> {
  const found = await api.analysis(id);
  if (project.peek()?.id === id) analysis.value = found;
}

const decide = (id: string): Promise<void> =>
  suggest(id, { ...NEUTRAL, method: info.peek()?.default_method ?? "learned" });

function show(kept: Kept): void {
  const { history: steps, notices: told, ...value } = kept;
  notices.value = told ?? [];
  history.value = steps ?? EMPTY;
  accept(value);
  adopted(value);
}

/** Check that what was kept is of this version; a plan that lacks a knob is decided anew. */
function usable(kept: unknown): Kept | null {
  const found = kept as Kept | null;
  if (!found?.mine || !found.suggestion || !found.wishes || !Array.isArray(found.locks)) return null;
  if (typeof found.solved !== "string") return null;
  try {
    for (const { path } of KNOBS) [found.mine, found.suggestion].map((plan) => getKnob(plan, path));
    return found;
  } catch {
    return null;
  }
}

async function clear(): Promise<void> {
  await save();
  forget();
  await unload();
  for (const emptied of [sounds, analysis, heard, doc, stage, view]) emptied.value = null;
  peaks.value = {};
  notices.value = [];
  history.value = EMPTY;
  fresh.value = false;
  problem.value = null;
  slot.value = "mine";
}
