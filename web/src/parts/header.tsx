// The top line: which song, A/B/C at matched loudness, undo, presets, export, help, theme.
import type { Slot } from "../engine";
import { numeral } from "../pure/format";
import { redo, undo } from "../state/edit";
import { home } from "../state/open";
import { select, setMatched } from "../state/player";
import { doc, helpOpen, history, matchDb, matched, notices, project, slot } from "../state/store";
import { toggleTheme } from "../state/theme";
import { ExportMenu } from "./export-menu";
import { Redo, Sun, Undo } from "./icons";
import { Menu } from "./menu";
import { PresetMenu } from "./preset-menu";

const SLOTS: readonly { slot: Slot; letter: string; name: string; hint: string }[] = [
  { slot: "dry", letter: "A", name: "dry", hint: "both files as they came (A)" },
  { slot: "suggestion", letter: "B", name: "suggestion", hint: "what Sitwell suggests (B)" },
  { slot: "mine", letter: "C", name: "mine", hint: "what you made of it (C)" },
];

export function Header() {
  const found = project.value;
  const name =
    found?.parts.vocal && found.parts.backing ? `${found.parts.vocal.name} + ${found.parts.backing.name}` : "";
  return (
    <header>
      <button class="brand" onClick={() => void home()} title="To the first screen">
        Sitwell
      </button>
      <span class="song" title={name}>
        {name}
      </span>
      {doc.value && <Slots />}
      {doc.value && (
        <span class="tools">
          <button
            class="icon"
            aria-label="Undo"
            disabled={!history.value.past.length}
            onClick={undo}
            title={`Undo ${history.value.past.at(-1)?.what ?? ""} (Ctrl+Z)`}
          >
            <Undo />
          </button>
          <button
            class="icon"
            aria-label="Redo"
            disabled={!history.value.future.length}
            onClick={redo}
            title={`Redo ${history.value.future[0]?.what ?? ""} (Ctrl+Y)`}
          >
            <Redo />
          </button>
          {notices.value.length > 0 && (
            <Menu title={`${notices.value.length} note${notices.value.length > 1 ? "s" : ""}`} mark>
              {() =>
                notices.value.map(({ code, message }) => (
                  <p class="note" key={code + message} data-code={code}>
                    {message.charAt(0).toUpperCase()}
                    {message.slice(1)}.
                  </p>
                ))
              }
            </Menu>
          )}
          <PresetMenu />
          <ExportMenu />
        </span>
      )}
      <span class="tools">
        <button class="icon" aria-label="Light or dark" title="Light or dark" onClick={toggleTheme}>
          <Sun />
        </button>
        <button
          class="icon"
          aria-label="Keys"
          title="Keys (?)"
          aria-expanded={helpOpen.value}
          onClick={() => {
            helpOpen.value = !helpOpen.value;
          }}
        >
          ?
        </button>
      </span>
    </header>
  );
}

function Slots() {
  const gain = matchDb.value[slot.value];
  return (
    <div class="abc" role="group" aria-label="What you hear">
      {SLOTS.map(({ slot: each, letter, name, hint }) => (
        <button
          key={each}
          class={slot.value === each ? "on" : ""}
          aria-pressed={slot.value === each}
          title={hint}
          onClick={() => select(each)}
        >
          <b>{letter}</b> {name}
        </button>
      ))}
      <button
        class={`match ${matched.value ? "on" : ""}`}
        aria-pressed={matched.value}
        onClick={() => setMatched(!matched.value)}
        title="Hear all three at the same loudness, so that louder does not seem better"
      >
        matched{matched.value && Math.abs(gain) >= 0.05 ? ` ${numeral(gain, 1, true)} dB` : ""}
      </button>
    </div>
  );
}
