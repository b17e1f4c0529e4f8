// A button with a small panel below it; closes on Escape and when the focus leaves. Nothing is modal.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Down } from "./icons";

interface MenuProps {
  title: string;
  /** Marked with a dot: something to look at. */
  mark?: boolean;
  children: (close: () => void) => ComponentChildren;
}

export function Menu({ title, mark = false, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    box.current?.querySelector("button")?.focus();
  };
  const leave = (event: FocusEvent) => {
    if (!box.current?.contains(event.relatedTarget as Node | null)) setOpen(false);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    close();
  };
  return (
    <div class="menu" ref={box} onFocusOut={leave} onKeyDown={keys}>
      <button class="opener" aria-expanded={open} onClick={() => setOpen(!open)}>
        {mark && <i class="dot" aria-hidden="true" />}
        {title} <Down />
      </button>
      {open && (
        <div class="sheet" tabIndex={-1}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
