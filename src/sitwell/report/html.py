"""The report as one self-contained page: no network, no file beside it, every word from outside escaped."""

import base64
import hashlib
import html
from collections.abc import Iterable
from importlib.resources import files

from sitwell.errors import Notice
from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.report.cards import cards
from sitwell.report.explain import aims_of
from sitwell.report.figures import masking_section, spectrum_section, time_section
from sitwell.report.headline import headline, judge
from sitwell.report.numbers import clock, number, signed
from sitwell.report.recorder import Recorder, Recording
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
        _figures(plan, measured),
        time_section(recording, master_db),
        spectrum_section(recording),
        masking_section(recording),
        "<h2>The chain</h2><p class='lead'>In the order the sound goes through it.</p>",
        cards(plan, recorder.vocal.audio.sample_rate),
        _footer(plan, recorder),
    ])  # fmt: skip
    title = f"{recorder.vocal.track.name} + {recorder.backing.track.name}"
    return _page(f"Sitwell: {title}", body)


def _page(title: str, body: str) -> str:
    style, script = _resource("page.css") + _resource("chart.css"), _resource("page.js")
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


def _resource(name: str) -> str:
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
        f"<li>{typeset(notice.message)} <span class='note'>{html.escape(notice.code)}</span></li>"
        for notice in notices
    )
    return f"<section class='notices'><h3>Worth knowing</h3><ul>{items}</ul></section>"


def _listen(recording: Recording) -> str:
    excerpt = recording.excerpt
    if excerpt is None:
        return ""
    end_s = excerpt.start_s + excerpt.seconds
    matched = typeset(
        f"Both at {number(excerpt.loudness_lufs, 'LUFS')}: plain sum {signed(excerpt.before_gain_db, 'dB')}, "
        f"mix {signed(excerpt.after_gain_db, 'dB')}."
    )
    sounds = "".join(
        f"<figure><figcaption>{words}</figcaption><audio controls preload='auto' src='{url}'></audio></figure>"
        for words, url in (("Plain sum of the two files", excerpt.before_url), ("Mix", excerpt.after_url))
    )
    return (
        "<section class='listen' aria-label='Listen'>"
        f"<div class='plain'>{sounds}</div>"
        "<div class='deck' hidden><button type='button' class='play'>Play</button>"
        f"<input type='range' min='0' max='{excerpt.seconds:.2f}' step='0.1' value='0' aria-label='Position'>"
        "<output aria-live='off'></output>"
        "<div class='sides' role='group' aria-label='What is heard'>"
        "<button type='button' aria-pressed='false'>A plain sum</button>"
        "<button type='button' aria-pressed='true'>B mix</button></div></div>"
        f"<p class='note'>The loudest singing, {clock(excerpt.start_s)} to {clock(end_s)}. {matched}</p></section>"
    )


def _figures(plan: MixPlan, measured: Measured) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(aim.label)}</th><td class='n'>{typeset(number(aim.target.asked, aim.unit))}</td>"
        f"<td class='n'>{typeset(number(aim.target.got, aim.unit))}</td><td>{typeset(judge(aim))}</td></tr>"
        for aim in aims_of(plan)
    )
    mix = measured.mix
    ceiling = f"at most {number(plan.master.ceiling_dbtp, 'dBTP')}" if plan.master.enabled else "–"
    more = (
        ("true peak of the mix", ceiling, number(mix.true_peak_dbtp, "dBTP"), ""),
        ("loudness range of the mix", "–", number(mix.loudness_range_lu, "LU"), ""),
        (
            "gain reduction of the compressor, mean while it acts",
            "–",
            number(measured.reduction_db, "dB"),
            "",
        ),
        ("gain reduction of the limiter, at most", "–", number(measured.limiter_reduction_db, "dB"), ""),
    )
    rows += "".join(
        f"<tr><th scope='row'>{label}</th><td class='n'>{typeset(asked)}</td><td class='n'>{typeset(got)}</td>"
        f"<td>{note}</td></tr>"
        for label, asked, got, note in more
    )
    return (
        "<h2>Asked and got</h2><div class='scroll'><table><thead><tr><th scope='col'>Figure</th>"
        "<th scope='col' class='n'>Asked</th><th scope='col' class='n'>Got</th><th scope='col'></th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _footer(plan: MixPlan, recorder: Recorder) -> str:
    model = f", model {html.escape(plan.model)}" if plan.model else ""
    files_used = "".join(
        f"<p>{role}: {html.escape(stem.track.name)}, {clock(stem.track.seconds)}, "
        f"{stem.audio.sample_rate / 1000:g} kHz, {typeset(number(stem.track.loudness.integrated_lufs, 'LUFS'))}</p>"
        for role, stem in (("Vocal", recorder.vocal), ("Backing", recorder.backing))
    )
    return (
        f"<footer>{files_used}<p>Made by {html.escape(plan.engine)}, method {html.escape(plan.method)}{model}.</p>"
        f"<details><summary>The plan as JSON</summary><pre>{html.escape(plan.to_json())}</pre></details></footer>"
    )
