// The keys of the whole page. The only listener on the document: keys must work wherever the focus is.
import { mute, seek, select, setLoop, solo, togglePlay } from "./state/player";
import { redo, undo } from "./state/edit";
import { doc, engine, helpOpen, loop, PANELS, panel, positionS, problem, seconds, slot } from "./state/store";
import { toggleLoop } from "./parts/transport";
import { zoom } from "./parts/timeline";

export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["Space", "play or pause"],
  ["Home", "to the start"],
  ["← →", "5 seconds back or on; with Shift 1"],
  ["L", "loop this phrase, or the stretch you dragged"],
  ["A B C", "dry, suggestion, mine"],
  ["\\", "back to what you heard before"],
  ["S M", "vocal alone, vocal muted; with Shift the backing"],
  ["+ −", "zoom"],
  ["1 … 6", "panels"],
  ["Ctrl Z, Ctrl Y", "undo, redo"],
  ["?", "this list"],
  ["On a slider", "arrows a hundredth, Shift finely, Page ten hundredths, Home and End; double click: the suggestion"],
];

let before: typeof slot.value = "suggestion";

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (!engine.peek() && event.key !== "?") return;
    const act = event.ctrlKey || event.metaKey ? withControl(event) : event.altKey ? null : plain(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function withControl(event: KeyboardEvent): (() => void) | null {
  if (event.target instanceof HTMLInputElement && event.target.type === "text") return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? redo : undo;
  return key === "y" ? redo : null;
}

function plain(event: KeyboardEvent): (() => void) | null {
  const target = event.target as HTMLElement;
  if (target.matches("input[type=text], select, textarea")) return null;
  const onButton = target.matches("button, input[type=checkbox], label");
  const by = event.shiftKey ? 1 : 5;
  switch (event.key) {
    case " ":
      return onButton ? null : () => void togglePlay();
    case "Home":
      return () => seek(0);
    case "End":
      return () => seek(seconds.peek());
    case "ArrowLeft":
      return () => seek(positionS.peek() - by);
    case "ArrowRight":
      return () => seek(positionS.peek() + by);
    case "\\":
      return () => hear(before);
    case "+":
    case "=":
      return () => zoom(2);
    case "-":
      return () => zoom(0.5);
    case "?":
      return () => {
        helpOpen.value = !helpOpen.peek();
      };
    case "Escape":
      return escape();
    default:
      return letter(event);
  }
}

function letter(event: KeyboardEvent): (() => void) | null {
  const part = event.shiftKey ? "backing" : "vocal";
  switch (event.key.toLowerCase()) {
    case "a":
      return () => hear("dry");
    case "b":
      return () => hear("suggestion");
    case "c":
      return () => hear("mine");
    case "l":
      return toggleLoop;
    case "s":
      return () => solo(part);
    case "m":
      return () => mute(part);
    default: {
      const name = PANELS[Number(event.key) - 1];
      return name
        ? () => {
            panel.value = name;
          }
        : null;
    }
  }
}

function hear(next: typeof slot.value): void {
  if (!doc.peek() || next === slot.peek()) return;
  before = slot.peek();
  select(next);
}

function escape(): (() => void) | null {
  if (helpOpen.peek())
    return () => {
      helpOpen.value = false;
    };
  if (problem.peek())
    return () => {
      problem.value = null;
    };
  return loop.peek() ? () => setLoop(null) : null;
}
