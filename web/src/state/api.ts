// The server's addresses as calls. All are relative: the token is in the address of the page.
import type { MixPlan } from "../generated/plan";
import type {
  Analysis,
  Decided,
  Doc,
  ExportKind,
  Heard,
  Info,
  PartName,
  Preset,
  PresetEntry,
  Project,
  ProjectEntry,
  Sound,
  Sounds,
  Wishes,
} from "./types";

/** What the server refused, in words for a person, with its stable code. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`api/${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal("studio.gone", "Sitwell does not answer. Is it still running? What you did until now is saved.");
  }
  if (response.ok) return response;
  const told = (await response.json().catch(() => null)) as { code?: string; message?: string } | null;
  throw new Refusal(told?.code ?? "internal", told?.message ?? `The answer was ${response.status}.`);
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await ask(path, init);
  if (response.status === 204) throw new Refusal("superseded", "A newer question of this kind came.");
  return (await response.json()) as T;
}
const send = <T>(method: string, path: string, body: unknown): Promise<T> =>
  json<T>(path, { method, body: JSON.stringify(body) });
const at = (project: string): string => `projects/${encodeURIComponent(project)}`;

const KEEP_ALIVE = 60_000; // bytes that a browser sends for a page that is gone

export interface Asked extends Wishes {
  readonly settings: readonly string[];
}

export const api = {
  info: () => json<Info>("studio"),
  projects: () => json<ProjectEntry[]>("projects"),
  create: (name: string) => send<Project>("POST", "projects", { name }),
  example: () => send<Project>("POST", "example", {}),
  open: (project: string) => json<Project>(at(project)),
  remove: async (project: string) => void (await ask(at(project), { method: "DELETE" })),
  upload: (project: string, part: PartName, file: Blob, name: string) =>
    json<Project>(`${at(project)}/${part}?name=${encodeURIComponent(name)}`, { method: "PUT", body: file }),
  /** A small project is saved even while its page is being closed. */
  save: (project: string, body: { doc: unknown; revision: number; by: string }) => {
    const text = JSON.stringify(body);
    return json<{ revision: number }>(at(project), { method: "PUT", body: text, keepalive: text.length < KEEP_ALIVE });
  },
  events: (project: string) => new EventSource(`api/${at(project)}/events`),
  sound: (project: string, part: PartName) => json<Sound>(`${at(project)}/${part}`),
  sounds: (project: string) => json<Sounds>(`${at(project)}/sounds`),
  samples: (project: string, part: PartName) => ask(`${at(project)}/${part}/samples`),
  peaks: async (project: string, part: PartName) =>
    new Int8Array(await (await ask(`${at(project)}/${part}/peaks`)).arrayBuffer()),
  analysis: (project: string) => json<Analysis>(`${at(project)}/analysis`),
  decide: (project: string, asked: Asked) => send<Decided>("POST", `${at(project)}/decide`, asked),
  listen: (project: string, plan: MixPlan, refine: boolean) =>
    send<Heard>("POST", `${at(project)}/listen`, { plan, refine }),
  makeExport: (project: string, plan: MixPlan, kind: ExportKind, format: string) =>
    send<{ file: string }>("POST", `${at(project)}/exports`, { plan, kind, format }),
  exported: (project: string, file: string) => `api/${at(project)}/exports/${encodeURIComponent(file)}`,
  presets: () => json<PresetEntry[]>("presets"),
  savePreset: async (name: string, preset: Preset) =>
    void (await ask(`presets/${encodeURIComponent(name)}`, { method: "PUT", body: JSON.stringify(preset) })),
  removePreset: async (name: string) => void (await ask(`presets/${encodeURIComponent(name)}`, { method: "DELETE" })),
};

export type { Doc };
