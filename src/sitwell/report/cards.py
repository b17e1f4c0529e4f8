"""The stages of the chain as cards: what each does, why, with which numbers; knows nothing of the page."""

import html

from sitwell.plan import MixPlan
from sitwell.report.explain import aim_text
from sitwell.report.numbers import number, signed
from sitwell.report.stages import Stage, active_bands, describe
from sitwell.report.words import typeset


def cards(plan: MixPlan) -> str:
    """Make one card for each stage, in the order of the chain."""
    return f"<ol class='cards'>{''.join(_card(plan, stage) for stage in describe(plan))}</ol>"


def _card(plan: MixPlan, stage: Stage) -> str:
    state = "on" if stage.on else "off"
    aims = "".join(f"<p class='note'>{typeset(aim_text(aim))}</p>" for aim in stage.aims)
    why = f"<p>{typeset(_sentence(stage.reason))}</p>" if stage.reason else ""
    source = f"<p class='note'>Source: {typeset(stage.source)}</p>" if stage.source else ""
    return (
        f"<li class='{state}'><div><div class='head'><h3>{html.escape(stage.title)}</h3>"
        f"<span class='state'>{state}</span></div><p class='what'>{typeset(stage.summary)}</p>{why}{source}</div>"
        f"<div>{_numbers(plan, stage)}{aims}</div></li>"
    )


def _numbers(plan: MixPlan, stage: Stage) -> str:
    if not stage.on:
        return ""
    if stage.key in ("equalizer", "masking"):
        return _bands(plan, stage)
    pairs = "".join(
        f"<div><dt>{html.escape(setting.label)}</dt><dd>{typeset(number(setting.value, setting.knob.unit))}</dd></div>"
        for setting in stage.settings
    )
    return f"<dl>{pairs}</dl>"


def _bands(plan: MixPlan, stage: Stage) -> str:
    bands = active_bands(plan.vocal.equalizer if stage.key == "equalizer" else plan.backing.equalizer)
    rows = "".join(
        f"<tr><th scope='row'>{name.replace('_', ' ')}</th>"
        f"<td class='n'>{number(band.frequency_hz, 'Hz')}</td>"
        f"<td class='n'>{typeset(signed(band.gain_db, 'dB'))}</td><td class='n'>{number(band.q)}</td></tr>"
        for name, band in bands
    )
    return (
        "<table><thead><tr><th scope='col'>Band</th><th scope='col' class='n'>Frequency</th>"
        "<th scope='col' class='n'>Gain</th><th scope='col' class='n'>Q</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
