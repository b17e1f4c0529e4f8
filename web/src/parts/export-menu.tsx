// Exports: the server renders from the files themselves, by the call that `sitwell render` makes.
import { useState } from "preact/hooks";
import { api } from "../state/api";
import { refuse } from "../state/solve";
import { doc, fresh, heard, project, said } from "../state/store";
import type { ExportKind } from "../state/types";
import { Menu } from "./menu";

const KINDS: readonly { kind: ExportKind; format: string; title: string; hint: string }[] = [
  { kind: "mix", format: "wav", title: "Mix as WAV", hint: "24 bits, as it sounds" },
  { kind: "mix", format: "flac", title: "Mix as FLAC", hint: "the same, smaller" },
  { kind: "mix", format: "mp3", title: "Mix as MP3", hint: "to send around" },
  { kind: "stems", format: "wav", title: "Stems", hint: "vocal, reverb and backing as WAV" },
  { kind: "plan", format: "wav", title: "Plan", hint: "every setting, for sitwell render" },
  { kind: "report", format: "wav", title: "Report", hint: "what was done and why, one page" },
];

export function ExportMenu() {
  const [busy, setBusy] = useState("");
  const make = async (kind: ExportKind, format: string, title: string) => {
    const [found, now] = [project.peek(), doc.peek()];
    if (!found || !now) return;
    setBusy(title);
    try {
      const plan = fresh.peek() && heard.peek() ? (heard.peek() as { plan: typeof now.mine }).plan : now.mine;
      const { file } = await api.makeExport(found.id, plan, kind, format);
      download(api.exported(found.id, file), file);
      said.value = `${file} is ready`;
    } catch (error) {
      refuse(error);
    } finally {
      setBusy("");
    }
  };
  return (
    <Menu title={busy ? `Exporting ${busy.toLowerCase()}…` : "Export"}>
      {(close) =>
        KINDS.map(({ kind, format, title, hint }) => (
          <button
            key={title}
            disabled={busy !== ""}
            data-export={`${kind}-${format}`}
            onClick={() => {
              close();
              void make(kind, format, title);
            }}
          >
            <b>{title}</b>
            <span class="quiet">{hint}</span>
          </button>
        ))
      }
    </Menu>
  );
}

function download(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}
