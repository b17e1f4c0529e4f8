// Presets: sliders and locked knobs, kept by name; loading one solves the rest for this song.
import { useState } from "preact/hooks";
import { getKnob } from "../engine";
import { api } from "../state/api";
import { refuse, start } from "../state/solve";
import { doc, presets, said } from "../state/store";
import { Close } from "./icons";
import { Menu } from "./menu";

export function PresetMenu() {
  const [name, setName] = useState("");
  const keep = async () => {
    const now = doc.peek();
    if (!now || !name.trim()) return;
    const knobs = Object.fromEntries(now.locks.map((path) => [path, getKnob(now.mine, path)]));
    await attempt(() => api.savePreset(name.trim(), { wishes: now.wishes, knobs }));
    said.value = `Preset ${name.trim()} saved`;
    setName("");
  };
  const drop = (each: string) => attempt(() => api.removePreset(each));
  return (
    <Menu title="Presets">
      {(close) => (
        <>
          {presets.value.map((entry) => (
            <div class="line" key={entry.name}>
              <button
                onClick={() => {
                  close();
                  start(entry.preset.wishes, entry.preset.knobs, `preset ${entry.name}`);
                }}
              >
                <b>{entry.name}</b>
                <span class="quiet">{Object.keys(entry.preset.knobs).length} knobs and the sliders</span>
              </button>
              <button class="icon" aria-label={`Delete preset ${entry.name}`} onClick={() => void drop(entry.name)}>
                <Close />
              </button>
            </div>
          ))}
          {!presets.value.length && (
            <p class="quiet">A preset keeps the sliders and the locked knobs. The rest is solved for each song.</p>
          )}
          <form
            class="line"
            onSubmit={(event) => {
              event.preventDefault();
              void keep();
            }}
          >
            <input
              type="text"
              aria-label="Name of the preset"
              placeholder="name"
              maxLength={60}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()}
            />
            <button class="small" disabled={!name.trim()}>
              Save
            </button>
          </form>
        </>
      )}
    </Menu>
  );
}

export async function listPresets(): Promise<void> {
  presets.value = await api.presets();
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    await listPresets();
  } catch (error) {
    refuse(error);
  }
}
