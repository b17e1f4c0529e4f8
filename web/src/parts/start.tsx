// The first screen: one sentence, two places to drop files, a way to record, an example, what was done before.
import { useState } from "preact/hooks";
import { add, example, listProjects, open } from "../state/open";
import { api } from "../state/api";
import { arriving, info, project, projects, stage } from "../state/store";
import type { PartName } from "../state/types";
import { Recorder } from "../record/recorder";
import { Mic, Note } from "./icons";

const WORDS: Record<PartName, { title: string; hint: string }> = {
  vocal: { title: "Vocal", hint: "the voice alone, raw or processed" },
  backing: { title: "Backing track", hint: "the finished music without the voice" },
};

export function Start() {
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length >= 2) void Promise.all(guessed(files).map(([part, file]) => add(part, file, file.name)));
  };
  return (
    <main class="start" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <h1>Drop a vocal and its backing track.</h1>
      <div class="drops">
        <Drop part="vocal" />
        <Drop part="backing" />
      </div>
      {project.value?.parts.backing && !project.value.parts.vocal && <Recorder />}
      {!project.value && <p class="quiet">No vocal yet? Drop the backing track, then sing over it.</p>}
      {info.value?.example && !project.value && (
        <p class="quiet">
          Nothing at hand?{" "}
          <button class="link" onClick={() => void example()} disabled={stage.value !== null}>
            {stage.value?.stage === "example" ? "Preparing the example…" : "Try an example"}
          </button>
        </p>
      )}
      {projects.value.length > 0 && <Before />}
    </main>
  );
}

function Drop({ part }: { part: PartName }) {
  const [over, setOver] = useState(false);
  const { title, hint } = WORDS[part];
  const coming = arriving.value[part];
  const here = project.value?.parts[part]?.name;
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) void add(part, file, file.name);
  };
  const drop = (event: DragEvent) => {
    setOver(false);
    if ((event.dataTransfer?.files.length ?? 0) !== 1) return; // two files at once are sorted by their names
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer?.files);
  };
  return (
    <label
      class={`drop ${part} ${over ? "over" : ""} ${here ? "here" : ""}`}
      onDragEnter={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        type="file"
        class="hidden"
        accept="audio/*,.wav,.flac,.ogg,.opus,.mp3,.aif,.aiff,.m4a,.webm"
        onChange={(event) => take(event.currentTarget.files)}
      />
      {part === "vocal" ? <Mic /> : <Note />}
      <b>{title}</b>
      <span aria-live="polite">{coming ? `Reading ${coming}…` : (here ?? hint)}</span>
      <span class="choose">{here ? "choose another" : "or choose a file"}</span>
    </label>
  );
}

function Before() {
  const [sure, setSure] = useState("");
  const remove = async (id: string) => {
    if (sure !== id) return setSure(id);
    await api.remove(id);
    await listProjects();
  };
  return (
    <section class="before" aria-label="Projects">
      <h2>Go on with</h2>
      <ul>
        {projects.value.slice(0, 8).map(({ id, name, complete }) => (
          <li key={id}>
            <button class="link" onClick={() => void open(id)}>
              {name}
              {complete ? "" : ", one file"}
            </button>
            <button
              class="link quiet"
              aria-label={`Delete ${name}`}
              onClick={() => void remove(id)}
              onBlur={() => setSure("")}
            >
              {sure === id ? "delete it with its files" : "delete"}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Tell which of two files is the vocal: by its name, else the first. */
export function guessed(files: readonly File[]): [PartName, File][] {
  const [one, two] = files as [File, File];
  const sings = (file: File) => /voc|voice|sing|acap|gesang|stimme|lead/i.test(file.name);
  return sings(two) && !sings(one)
    ? [
        ["vocal", two],
        ["backing", one],
      ]
    : [
        ["vocal", one],
        ["backing", two],
      ];
}
