"""The table of figures: what was asked, what was got, and whether that is what was wanted."""

from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.report.headline import judge
from sitwell.report.numbers import NONE, number
from sitwell.report.stages import Aim, describe
from sitwell.report.words import typeset


def asked_section(plan: MixPlan, measured: Measured) -> str:
    """Show what the plan was solved for, and what else was measured."""
    aims = [aim for stage in describe(plan) for aim in stage.aims]
    aims.sort(key=lambda aim: not aim.label.startswith("vocal against"))  # the balance first
    rows = "".join([*(_aim(aim) for aim in aims), *_measured(plan, measured)])
    between = "<th scope='col' class='n'>Engineers</th>" if any(_interval(aim) for aim in aims) else ""
    if not between:
        rows = rows.replace(_EMPTY_INTERVAL, "")
    return (
        "<h2>Asked and got</h2><div class='scroll'><table><thead><tr><th scope='col'>Figure</th>"
        f"<th scope='col' class='n'>Asked</th><th scope='col' class='n'>Got</th>{between}"
        f"<th scope='col'>Result</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


_EMPTY_INTERVAL = "<td class='n between'></td>"


def _aim(aim: Aim) -> str:
    target = aim.target
    return _row(aim.label, aim.asked, number(target.got, aim.unit), _interval(aim), judge(aim))


def _interval(aim: Aim) -> str:
    low, high = aim.target.low, aim.target.high
    return f"{number(low)} to {number(high, aim.unit)}" if low is not None and high is not None else ""


def _measured(plan: MixPlan, measured: Measured) -> list[str]:
    mix, master, compressor = measured.mix, plan.master, plan.vocal.compressor
    peak, ceiling = number(mix.true_peak_dbtp, "dBTP"), number(master.ceiling_dbtp, "dBTP")
    held = mix.true_peak_dbtp <= master.ceiling_dbtp + 0.1
    reduced = number(measured.reduction_db, "dB") if compressor.enabled else NONE
    limited = number(measured.limiter_reduction_db, "dB") if master.enabled else NONE
    return [
        _row("true peak of the mix", f"at most {ceiling}", peak, "", "met" if held else "above")
        if master.enabled
        else _row("true peak of the mix", NONE, peak),
        _row("loudness range of the mix", NONE, number(mix.loudness_range_lu, "LU")),
        _row("loudest three seconds of the mix", NONE, number(mix.max_short_term_lufs, "LUFS")),
        _row("compressor, mean reduction while it acts", NONE, reduced),
        _row("limiter, largest reduction", NONE, limited),
    ]


def _row(label: str, asked: str, got: str, between: str = "", result: str = "") -> str:
    words = typeset(label[:1].upper() + label[1:])
    cells = f"<td class='n'>{typeset(asked)}</td><td class='n'>{typeset(got)}</td>"
    interval = f"<td class='n between'>{typeset(between)}</td>"
    return f"<tr><th scope='row'>{words}</th>{cells}{interval}<td>{typeset(result)}</td></tr>"
