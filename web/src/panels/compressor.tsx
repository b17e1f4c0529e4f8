// The compressor: what comes out for what goes in, and how far it turns down right now.
import { numeral } from "../pure/format";
import { compressedDb } from "../pure/response";
import { clamp } from "../pure/scale";
import { useCanvas } from "../parts/canvas";
import { doc, heard, meters, own, playing } from "../state/store";

const LOW_DB = -60;
const MOST_DB = 18; // at the end of the meter

export function CompressorGraph() {
  const now = doc.value;
  const curve = useCanvas(
    (context, width, height, ink) => {
      if (!now) return;
      const x = (db: number) => ((db - LOW_DB) / -LOW_DB) * width;
      const y = (db: number) => height - ((db - LOW_DB) / -LOW_DB) * height;
      context.font = "11px system-ui, sans-serif";
      context.lineWidth = 1;
      for (let db = LOW_DB + 12; db < 0; db += 12) {
        context.strokeStyle = ink.line;
        context.beginPath();
        context.moveTo(x(db), 0);
        context.lineTo(x(db), height);
        context.moveTo(0, y(db));
        context.lineTo(width, y(db));
        context.stroke();
        context.fillStyle = ink.muted;
        context.fillText(`\u2212${-db}`, x(db) + 3, height - 4);
      }
      const trace = ({ enabled, threshold_db, ratio, knee_db }: typeof now.mine.vocal.compressor) => {
        context.beginPath();
        for (let db = LOW_DB; db <= 0; db += 0.5) {
          const out = enabled ? compressedDb(db, { thresholdDb: threshold_db, ratio, kneeDb: knee_db }) : db;
          context.lineTo(x(db), y(out));
        }
        context.stroke();
      };
      context.strokeStyle = ink.muted;
      context.lineWidth = 1.5;
      context.setLineDash([4, 4]);
      trace(now.suggestion.vocal.compressor);
      context.setLineDash([]);
      const yours = [...own.value].some((path) => path.startsWith("vocal.compressor."));
      context.strokeStyle = yours ? ink.yours : ink.text;
      context.lineWidth = 2;
      trace(now.mine.vocal.compressor);
      if (now.mine.vocal.compressor.enabled) {
        const at = x(now.mine.vocal.compressor.threshold_db);
        context.strokeStyle = ink.vocal;
        context.lineWidth = 1;
        context.setLineDash([2, 3]);
        context.beginPath();
        context.moveTo(at, 0);
        context.lineTo(at, height);
        context.stroke();
        context.setLineDash([]);
      }
    },
    [now?.mine.vocal.compressor, now?.suggestion.vocal.compressor, own.value],
  );
  return (
    <>
      <canvas class="plot" ref={curve} role="img" aria-label="Level out for level in, in dB" />
      <Reduction />
    </>
  );
}

function Reduction() {
  const mean = heard.value?.measured.reduction_db ?? 0;
  const now = playing.value ? -(meters.value?.reductionDb ?? 0) : 0;
  return (
    <div class="reduction" aria-hidden="true">
      <span>turned down</span>
      <i class="bar">
        <b style={{ transform: `scaleX(${clamp(now / MOST_DB, 0, 1)})` }} />
      </i>
      <span class="figure">
        {numeral(now, 1)} dB now · {numeral(mean, 1)} dB in the mean
      </span>
    </div>
  );
}
