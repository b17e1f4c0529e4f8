// Small drawings, one path each; the words are on the buttons.
const draw = (d: string) => () => (
  <svg
    viewBox="0 0 16 16"
    width="16"
    height="16"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <path d={d} />
  </svg>
);
const fill = (d: string) => () => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="currentColor">
    <path d={d} />
  </svg>
);

export const Play = fill("M4 2.5v11l9.5-5.5z");
export const Pause = fill("M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z");
export const ToStart = fill("M3 3h2v10H3zM13 3v10L6 8z");
export const Loop = draw(
  "M3 8V6.5A2.5 2.5 0 0 1 5.5 4H13M10.8 1.8 13 4l-2.2 2.2M13 8v1.5a2.5 2.5 0 0 1-2.5 2.5H3M5.2 9.8 3 12l2.2 2.2",
);
export const Locked = draw("M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5");
export const Unlocked = draw("M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-1");
export const Back = draw("M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M3 6.5l3-3M3 6.5l3 3");
export const Undo = draw("M3 6h6.5a3.5 3.5 0 0 1 0 7H7M3 6l3-3M3 6l3 3");
export const Redo = draw("M13 6H6.5a3.5 3.5 0 0 0 0 7H9M13 6l-3-3M13 6l-3 3");
export const Down = draw("M4 6.5l4 4 4-4");
export const Close = draw("M4 4l8 8M12 4l-8 8");
export const Sun = draw(
  "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7",
);
export const Note = draw(
  "M6 12V4l7-1.5V10.5M6 12a1.8 1.8 0 1 1-3.6 0A1.8 1.8 0 0 1 6 12zM13 10.5a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0z",
);
export const Mic = draw("M8 2a2 2 0 0 1 2 2v3.5a2 2 0 0 1-4 0V4a2 2 0 0 1 2-2zM3.8 7.5a4.2 4.2 0 0 0 8.4 0M8 11.7V14");
