"""The table of figures: what was asked, by whom, what was got, and whether that is what was wanted."""

from dataclasses import dataclass
from functools import partial

from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.report.chart_interval import drawn_aims, interval_chart
from sitwell.report.figures import chart_figure
from sitwell.report.headline import judge
from sitwell.report.numbers import NONE, number
from sitwell.report.stages import Aim, describe
from sitwell.report.words import typeset


@dataclass(frozen=True)
class _Row:
    """One figure as words; an interval or an asker that no row has is no column."""

    label: str
    asked: str
    got: str
    result: str = ""
    interval: str = ""
    asker: str = ""


def asked_section(plan: MixPlan, measured: Measured) -> str:
    """Show what the plan was solved for, what else was measured, and in what interval 80 % lie if that is known."""
    aims = tuple(aim for stage in describe(plan) for aim in stage.aims)
    aims = tuple(sorted(aims, key=lambda aim: not aim.label.startswith("vocal against")))  # the balance first
    rows = [*_aimed(aims), *_measured(plan, measured)]
    between = any(row.interval for row in rows)
    asked_by = any(row.asker not in ("", "rules") for row in rows)
    heads = "".join([
        "<th scope='col'>Figure</th><th scope='col' class='n'>Asked</th><th scope='col' class='n'>Got</th>",
        "<th scope='col' class='n'>80 % lie within</th>" if between else "",
        "<th scope='col'>Result</th>",
        "<th scope='col'>Asked by</th>" if asked_by else "",
    ])  # fmt: skip
    body = "".join(_markup(row, between=between, asked_by=asked_by) for row in rows)
    drawn = drawn_aims(aims)
    chart = chart_figure("targets", partial(interval_chart, drawn)) if drawn else ""
    return (
        f"<h2>Asked and got</h2><div class='scroll'><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{chart}"
    )


def _aimed(aims: tuple[Aim, ...]) -> list[_Row]:
    return [
        _Row(aim.label, aim.asked, number(aim.target.got, aim.unit), judge(aim), aim.interval, aim.asker)
        for aim in aims
    ]


def _measured(plan: MixPlan, measured: Measured) -> list[_Row]:
    mix, master, compressor = measured.mix, plan.master, plan.vocal.compressor
    peak, ceiling = number(mix.true_peak_dbtp, "dBTP"), number(master.ceiling_dbtp, "dBTP")
    held = mix.true_peak_dbtp <= master.ceiling_dbtp + 0.1
    reduced = number(measured.reduction_db, "dB") if compressor.enabled else NONE
    limited = number(measured.limiter_reduction_db, "dB") if master.enabled else NONE
    return [
        _Row("true peak of the mix", f"at most {ceiling}", peak, "met" if held else "above")
        if master.enabled
        else _Row("true peak of the mix", NONE, peak),
        _Row("loudness range of the mix", NONE, number(mix.loudness_range_lu, "LU")),
        _Row("loudest three seconds of the mix", NONE, number(mix.max_short_term_lufs, "LUFS")),
        _Row("compressor, mean reduction while it acts", NONE, reduced),
        _Row("limiter, largest reduction", NONE, limited),
    ]


def _markup(row: _Row, *, between: bool, asked_by: bool) -> str:
    words = typeset(row.label[:1].upper() + row.label[1:])
    interval = f"<td class='n'>{typeset(row.interval)}</td>" if between else ""
    by = f"<td>{typeset(row.asker)}</td>" if asked_by else ""
    return (
        f"<tr><th scope='row'>{words}</th><td class='n'>{typeset(row.asked)}</td>"
        f"<td class='n'>{typeset(row.got)}</td>{interval}<td>{typeset(row.result)}</td>{by}</tr>"
    )
