// The reverb: how lows, middle and highs die away after the voice stops.
import { useCanvas } from "../parts/canvas";
import { doc, own } from "../state/store";
import type { MixPlan } from "../generated/plan";

const FLOOR_DB = -60;
const BANDS = [
  { key: "decay_low_s", name: "lows", dash: [6, 3], wide: 1.5 },
  { key: "decay_mid_s", name: "middle", dash: [], wide: 2.5 },
  { key: "decay_high_s", name: "highs", dash: [2, 3], wide: 1.5 },
] as const;

export function ReverbGraph() {
  const now = doc.value;
  const ref = useCanvas(
    (context, width, height, ink) => {
      if (!now) return;
      const mine = now.mine.reverb;
      const longest = Math.max(
        ...[mine, now.suggestion.reverb].map(
          (room) => Math.max(room.decay_low_s, room.decay_mid_s, room.decay_high_s) + room.predelay_ms / 1000,
        ),
      );
      const endS = Math.max(1.5, Math.ceil(longest * 2) / 2);
      const top = 20;
      const x = (s: number) => (s / endS) * width;
      const y = (db: number) => top + (db / FLOOR_DB) * (height - top - 18);
      context.font = "11px system-ui, sans-serif";
      context.lineWidth = 1;
      for (let s = 0.5; s < endS; s += 0.5) {
        context.strokeStyle = ink.line;
        context.beginPath();
        context.moveTo(x(s), top);
        context.lineTo(x(s), height - 18);
        context.stroke();
        context.fillStyle = ink.muted;
        if (Number.isInteger(s) || endS < 4) context.fillText(`${s} s`, x(s) + 3, height - 5);
      }
      for (const db of [-20, -40, -60]) {
        context.fillStyle = ink.muted;
        context.fillText(`\u2212${-db} dB`, 4, y(db) - 3);
        context.strokeStyle = ink.line;
        context.beginPath();
        context.moveTo(0, y(db));
        context.lineTo(width, y(db));
        context.stroke();
      }
      const fall = (room: MixPlan["reverb"], band: (typeof BANDS)[number]) => {
        const start = room.predelay_ms / 1000;
        context.beginPath();
        context.moveTo(x(start), y(0));
        context.lineTo(x(start + room[band.key]), y(FLOOR_DB));
        context.stroke();
      };
      const yours = [...own.value].some((path) => path.startsWith("reverb."));
      const moved = JSON.stringify(mine) !== JSON.stringify(now.suggestion.reverb);
      for (const band of BANDS) {
        if (moved) {
          context.strokeStyle = ink.line;
          context.setLineDash([]);
          context.lineWidth = 1.5;
          fall(now.suggestion.reverb, band);
        }
        context.globalAlpha = mine.enabled ? 1 : 0.3;
        context.strokeStyle = yours ? ink.yours : ink.vocal;
        context.setLineDash([...band.dash]);
        context.lineWidth = band.wide;
        fall(mine, band);
        context.globalAlpha = 1;
      }
      context.setLineDash([]);
      BANDS.forEach((band, i) => {
        const left = width - 200 + i * 66;
        context.strokeStyle = yours ? ink.yours : ink.vocal;
        context.lineWidth = band.wide;
        context.setLineDash([...band.dash]);
        context.beginPath();
        context.moveTo(left, 8);
        context.lineTo(left + 18, 8);
        context.stroke();
        context.setLineDash([]);
        context.fillStyle = ink.muted;
        context.fillText(band.name, left + 22, 12);
      });
    },
    [now?.mine.reverb, now?.suggestion.reverb, own.value],
  );
  const room = now?.mine.reverb;
  const text = room
    ? `Lows die away in ${room.decay_low_s.toFixed(1)} s, the middle in ${room.decay_mid_s.toFixed(1)} s, highs in ${room.decay_high_s.toFixed(1)} s`
    : "";
  return <canvas class="plot" ref={ref} role="img" aria-label={text} />;
}
