// Keeps the project on disk as it is on the page, and pages in step: a second window sees what the first one does.
import { applied, difference, type Json } from "../pure/change";
import { api, Refusal } from "./api";
import { accept, onEdit } from "./edit";
import { decided } from "./player";
import { refuse } from "./solve";
import { doc, history, notices, project, said } from "./store";
import type { Doc, Kept, Project } from "./types";

const AFTER_MS = 300;
const ME = crypto.randomUUID();

let events: EventSource | null = null;
let base: Doc | null = null; // what the server has, as far as this page knows
let timer = 0;
let saving: Promise<void> | null = null;

onEdit(() => {
  clearTimeout(timer);
  if (doc.peek() !== base) timer = window.setTimeout(() => void save(), AFTER_MS);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && doc.peek() !== base) void save();
});

/** Follow what the server tells of a project: progress, and what other windows saved. */
export function follow(found: Project, progress: (told: { stage: string; share: number }) => void): void {
  events?.close();
  events = api.events(found.id);
  events.onmessage = ({ data }: MessageEvent<string>) => {
    const told = JSON.parse(data) as { kind: string; stage: string; share: number; revision: number; by: string };
    if (told.kind === "progress") progress(told);
    if (told.kind === "saved" && told.by !== ME) void catchUp(found.id);
  };
}

/** Take what came from the server as saved. */
export function adopted(value: Doc): void {
  base = value;
}

/** Stop following and saving. */
export function forget(): void {
  clearTimeout(timer);
  events?.close();
  events = null;
  base = null;
}

/** Save now what is not saved yet. */
export async function save(): Promise<void> {
  clearTimeout(timer);
  await saving;
  saving = write().finally(() => {
    saving = null;
  });
  await saving;
}

async function write(): Promise<void> {
  const [value, now] = [doc.peek(), project.peek()];
  if (!value || !now || value === base) return;
  try {
    const body = {
      doc: { ...value, history: history.peek(), notices: notices.peek() },
      revision: now.revision,
      by: ME,
    };
    const { revision } = await api.save(now.id, body);
    if (project.peek()?.id !== now.id) return;
    project.value = { ...now, revision };
    base = value;
  } catch (error) {
    if (error instanceof Refusal && error.code === "project.changed") await catchUp(now.id);
    else refuse(error);
  }
}

/** Take over what another window did; what was done here since stays on top of it. */
async function catchUp(id: string): Promise<void> {
  const theirs = await api.open(id).catch(() => null);
  const mine = doc.peek();
  if (!theirs || project.peek()?.id !== id || theirs.revision <= (project.peek()?.revision ?? 0)) return;
  project.value = theirs;
  if (!theirs.doc) return;
  const { history: steps, notices: told, ...value } = theirs.doc as Kept;
  const own = base && mine ? difference(json(base), json(mine)) : {};
  base = value;
  if (!Object.keys(own).length) history.value = steps ?? history.peek();
  accept(Object.keys(own).length ? applied(value, own, "forward") : value);
  notices.value = told ?? [];
  if (!mine) decided();
  said.value = "Changed in another window";
}

const json = (value: Doc): Json => value as unknown as Json;
