"""A plan as plain text for a terminal: what each stage does, with what, why, and how to change it."""

import textwrap

from sitwell.plan import MixPlan
from sitwell.report.numbers import exact, number
from sitwell.report.stages import Aim, Setting, Stage, describe

_WIDTH = 96


def explain(plan: MixPlan) -> str:
    """Tell a plan stage by stage in the order of the chain, and how to change it; ends with a newline."""
    blocks = [_head(plan), *(_told(stage) for stage in describe(plan)), _change(plan)]
    return "\n\n".join(blocks) + "\n"


def aim_text(aim: Aim) -> str:
    """Say what was asked for, by whom, and got, and of what 80 % lie where, if that is known."""
    target = aim.target
    asked = f"asked {aim.asked}, " if target.asked is not None else ""
    got = f"got {number(target.got, aim.unit)}" if target.got is not None else "not measured"
    status = f" ({target.status})" if target.status else ""
    return f"{aim.label}: {asked}{got}{status}{_interval(aim)}"


def _interval(aim: Aim) -> str:
    if aim.landing:
        return f"; {aim.landing} ({aim.asker})"
    return "" if aim.target.source == "rules" or aim.target.asked is None else f"; {aim.asker}"


def _head(plan: MixPlan) -> str:
    model = f", model {plan.model}" if plan.model else ""
    return _clean(f"Mix plan by {plan.engine}, method {plan.method}{model}")


def _told(stage: Stage) -> str:
    title = stage.title if stage.on else f"{stage.title} (off)"
    lines = [stage.summary]
    if stage.reason:
        lines.append(f"why: {stage.reason}")
    lines += [aim_text(aim) for aim in stage.aims]
    if stage.source:
        lines.append(f"source: {stage.source}")
    if knobs := _knobs(stage):
        lines.append(knobs)
    return "\n".join([_clean(title), *(_wrapped(line) for line in lines)])


def _knobs(stage: Stage) -> str:
    """List what is set: all knobs of a stage that acts (bands only if turned), of others those turned."""
    shown = [setting for setting in stage.settings if setting.turned or (stage.on and not _is_band(setting))]
    if not shown:
        return ""
    text = ", ".join(f"{setting.label} {exact(setting.value, setting.knob.unit)}" for setting in shown)
    return f"set: {text}" if stage.on else f"set, but without effect while it is off: {text}"


def _is_band(setting: Setting) -> bool:
    return ".equalizer." in setting.path


def _change(plan: MixPlan) -> str:
    examples = ["--vocal-level 1", "--amount 70"]
    if plan.vocal.compressor.enabled:
        examples.append("--set vocal.compressor.ratio=2")
    examples.append("--set reverb.return_db=-20" if plan.reverb.enabled else "--set reverb.enabled=on")
    commands = "\n".join(f"  sitwell mix VOCAL BACKING -o OUT {example}" for example in examples)
    return (
        f"To change it, decide again with a wish, or turn one knob by hand:\n{commands}\n"
        "Or edit the numbers in the plan and hear exactly that:\n"
        "  sitwell render PLAN VOCAL BACKING -o OUT\n"
        "All knobs and their ranges: sitwell schema"
    )


def _wrapped(line: str) -> str:
    return textwrap.fill(_clean(line), _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _clean(text: str) -> str:
    """Drop control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
