// The master: the figures of the whole mix beside those of this moment.
import { numeral } from "../pure/format";
import { heard, meters, playing, fresh, targets } from "../state/store";

export function MasterGraph() {
  const whole = heard.value?.measured;
  const now = playing.value ? meters.value : null;
  const aims = targets.value;
  const rows: [
    name: string,
    whole: number | null | undefined,
    now: number | null | undefined,
    target: number | null | undefined,
    unit: string,
  ][] = [
    ["Integrated loudness", whole?.mix.integrated_lufs, now?.integratedLufs, aims?.integrated_lufs.asked, "LUFS"],
    ["Short-term, at most", whole?.mix.max_short_term_lufs, now?.shortTermLufs, null, "LUFS"],
    ["Momentary loudness", null, now?.momentaryLufs, null, "LUFS"],
    ["Loudness range", whole?.mix.loudness_range_lu, null, null, "LU"],
    ["True peak", whole?.mix.true_peak_dbtp, now?.truePeakDbtp, heard.value?.plan.master.ceiling_dbtp, "dBTP"],
    ["Limiter takes at most", whole?.limiter_reduction_db, now ? -now.limiterDb : null, null, "dB"],
    ["Vocal against backing", whole?.vbr_lu, null, aims?.vbr_lu.asked, "LU"],
    ["Vocal against mix", whole?.vmr_db, null, aims?.vmr_db.asked, "dB"],
  ];
  const cell = (value: number | null | undefined) =>
    value == null || !Number.isFinite(value) ? "–" : numeral(value, 1);
  return (
    <table class={`figures-table ${fresh.value ? "" : "stale"}`}>
      <thead>
        <tr>
          <th scope="col">Meter</th>
          <th scope="col">whole mix</th>
          <th scope="col">now</th>
          <th scope="col">target</th>
          <th scope="col" class="unit">
            unit
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, of, live, target, unit]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{cell(of)}</td>
            <td>{cell(live)}</td>
            <td>{cell(target)}</td>
            <td class="unit">{unit}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
