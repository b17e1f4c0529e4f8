"""The report as one self-contained page: no network, no file beside it, every word from outside escaped."""

import base64
import hashlib
import html
from collections.abc import Iterable
from importlib.resources import files

from sitwell.decide import Stem
from sitwell.errors import Notice
from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.report.asked import asked_section
from sitwell.report.cards import cards
from sitwell.report.figures import masking_section, spectrum_section, time_section
from sitwell.report.headline import headline
from sitwell.report.numbers import clock, number, signed
from sitwell.report.recorder import Recorder, Recording
from sitwell.report.stages import is_tone_by_rule
from sitwell.report.words import typeset


def write_report(plan: MixPlan, measured: Measured, notices: Iterable[Notice], recorder: Recorder) -> str:
    """Make the page: what was done, to listen to, asked and got, over time and frequency, and why."""
    recording = recorder.finish()
    master_db = plan.master.gain_db if plan.master.enabled else 0.0
    body = "".join([
        _header(recorder, recording),
        f"<h1>{typeset(headline(plan, measured))}</h1>",
        _notices(tuple(notices)),
        _listen(recording),
        asked_section(plan, measured),
        time_section(recording, master_db),
        spectrum_section(recording, target=is_tone_by_rule(plan)),
        masking_section(recording),
        "<h2>The chain</h2><p class='lead'>In the order the sound goes through it.</p>",
        cards(plan),
        _footer(plan, recorder),
    ])  # fmt: skip
    title = f"{recorder.vocal.track.name} + {recorder.backing.track.name}"
    return _page(f"Sitwell: {title}", body)


def _page(title: str, body: str) -> str:
    style, script = resource("page.css") + resource("chart.css"), resource("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; media-src data:; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def resource(name: str) -> str:
    """Read a file of this package as text."""
    return files("sitwell.report").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _header(recorder: Recorder, recording: Recording) -> str:
    names = " + ".join(html.escape(stem.track.name) for stem in (recorder.vocal, recorder.backing))
    return f"<header><b>Sitwell</b><span>{names}</span><span>{clock(recording.seconds)}</span></header>"


def _notices(notices: tuple[Notice, ...]) -> str:
    if not notices:
        return ""
    items = "".join(
        f"<li>{typeset(notice.message)} <span class='note'>{html.escape(notice.code)}</span></li>" for notice in notices
    )
    return f"<section class='notices'><h3>Worth knowing</h3><ul>{items}</ul></section>"


def _listen(recording: Recording) -> str:
    excerpt = recording.excerpt
    if excerpt is None:
        return ""
    where = f"{clock(excerpt.start_s)} to {clock(excerpt.start_s + excerpt.seconds)}"
    matched = (
        f"The loudest singing, {where}. Both at {number(excerpt.loudness_lufs, 'LUFS')}: "
        f"plain sum {signed(excerpt.before_gain_db, 'dB')}, mix {signed(excerpt.after_gain_db, 'dB')}."
    )
    sounds = "".join(
        f"<figure><figcaption>{words}</figcaption><audio controls preload='auto' src='{url}'></audio></figure>"
        for words, url in (("Plain sum", excerpt.before_url), ("Mix", excerpt.after_url))
    )
    return (
        f"<section class='listen' aria-label='Listen'><div class='plain'>{sounds}</div>"
        "<div class='deck' hidden><button type='button' class='play'>Play</button>"
        "<input type='range' min='0' step='0.1' value='0' aria-label='Position' "
        f"max='{excerpt.seconds:.2f}'><output aria-live='off'></output>"
        "<div class='sides' role='group' aria-label='What is heard'>"
        "<button type='button' aria-pressed='false'>A plain sum</button>"
        "<button type='button' aria-pressed='true'>B mix</button></div></div>"
        f"<p class='note'>{typeset(matched)}</p></section>"
    )


def _footer(plan: MixPlan, recorder: Recorder) -> str:
    model = f", model {plan.model}" if plan.model else ""
    made = f"Made by {plan.engine}, method {plan.method}{model}."
    return (
        f"<footer>{_file('Vocal', recorder.vocal)}{_file('Backing', recorder.backing)}"
        f"<p>{html.escape(made)}</p><details><summary>The plan as JSON</summary>"
        f"<pre>{html.escape(plan.to_json())}</pre></details></footer>"
    )


def _file(role: str, stem: Stem) -> str:
    track, loudness = stem.track, stem.track.loudness
    words = (
        f"{role}: {track.name}, {clock(track.seconds)}, {track.sample_rate / 1000:g} kHz, "
        f"{number(loudness.integrated_lufs, 'LUFS')}, peak {number(loudness.true_peak_dbtp, 'dBTP')}"
    )
    return f"<p>{typeset(words)}</p>"
