// A canvas that is as sharp as the screen, redrawn when its size, theme or data change.
import { useEffect, useRef } from "preact/hooks";

export type Paint = (context: CanvasRenderingContext2D, width: number, height: number, ink: Ink) => void;

/** The colours of the theme, by the names of their variables. */
export type Ink = Readonly<
  Record<"text" | "muted" | "line" | "surface" | "vocal" | "backing" | "yours" | "warm", string>
>;

const NAMES = ["text", "muted", "line", "surface", "vocal", "backing", "yours", "warm"] as const;

let ink: Ink | null = null;

/** Read the colours, once for each theme. */
export function inks(): Ink {
  const style = getComputedStyle(document.documentElement);
  ink ??= Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Ink;
  return ink;
}

const repaints = new Set<() => void>();

/** Paint everything again in the colours of another theme. */
export function themeChanged(): void {
  ink = null;
  for (const repaint of repaints) repaint();
}

/** Give a ref for a canvas that `paint` draws; it is painted again whenever one of `deps` changes. */
export function useCanvas(paint: Paint, deps: readonly unknown[]) {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(paint);
  latest.current = paint;
  const repaint = useRef(() => {
    if (ref.current) draw(ref.current, latest.current);
  });
  useEffect(() => {
    const canvas = ref.current as HTMLCanvasElement;
    const watch = new ResizeObserver(repaint.current);
    watch.observe(canvas);
    repaints.add(repaint.current);
    return () => {
      watch.disconnect();
      repaints.delete(repaint.current);
    };
  }, []);
  useEffect(repaint.current, deps);
  return ref;
}

/** Paint a canvas at the resolution of the screen. */
export function draw(canvas: HTMLCanvasElement, paint: Paint): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return;
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  paint(context, width, height, inks());
}
