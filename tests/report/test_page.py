"""The page: whole, self-contained, safe, and telling the numbers of the plan."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from sitwell.audio import Audio
from sitwell.errors import Notice
from sitwell.plan import MixPlan, Reason, Target
from sitwell.report import write_picture, write_report
from sitwell.report.chart_interval import drawn_aims, interval_chart
from sitwell.report.numbers import number
from sitwell.report.stages import describe
from tests.report.stands import RATE, Page, recorded, worked_plan
from tests.songs import song

_HOSTILE = "<script>alert('1')</script>\"'&.wav"
_LINKS = ("href", "src", "action", "data", "poster", "xlink:href", "srcset")


@pytest.fixture(scope="module")
def markup() -> str:
    plan = worked_plan()
    recorder, measured = recorded(plan)
    return write_report(plan, measured, (Notice("vocal.clipped", "the vocal is clipped"),), recorder)


@pytest.fixture(scope="module")
def page(markup: str) -> Page:
    return Page(markup)


def test_page_points_to_nothing_outside(page: Page, markup: str) -> None:
    for tag, attributes in page.elements:
        for name in _LINKS:
            value = attributes.get(name)
            assert value is None or value.startswith("data:"), f"{tag} {name}={value[:60]}"
    outside = [url for url in re.findall(r"https?://[^\s\"'<]+", markup) if url != "http://www.w3.org/2000/svg"]
    assert outside == []
    assert "@import" not in markup
    assert "url(" not in markup


def test_policy_allows_only_what_is_in_the_page(page: Page) -> None:
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not any("style" in attributes for _, attributes in page.elements), "inline style would be refused"


def test_every_stage_and_its_numbers_are_shown(page: Page) -> None:
    plan = worked_plan()
    for stage in describe(plan):
        assert stage.title in page.text
        assert stage.summary in page.text
        for setting in stage.settings:
            if ".equalizer." not in setting.path:
                assert number(setting.value, setting.knob.unit) in page.text, setting.path


def test_asked_and_got_are_those_of_the_plan(page: Page) -> None:
    assert "Vocal against the mix -3.1 dB -3.2 dB met" in page.text
    assert "Loudness range of the vocal at most 14.0 LU 11.7 LU met" in page.text


def test_a_missed_target_is_not_called_met() -> None:
    plan = worked_plan().aim(vmr_db=Target(asked=-3.0, got=-4.5))
    recorder, measured = recorded(plan, seconds=3.5)
    assert "-3.0 dB -4.5 dB 1.5 dB below" in Page(write_report(plan, measured, (), recorder)).text


def aimed_plan() -> MixPlan:
    model = {"source": "model default 1", "confidence": 0.8}
    return worked_plan().aim(
        vbr_lu=Target(asked=-3.1, got=-3.0, low=-5.4, high=-0.9, status="met", **model),  # type: ignore[arg-type]
        loudness_range_lu=Target(asked=6.0, got=11.5, low=4.0, high=10.0, status="limit reached", source="prior"),
    )


def test_where_engineers_land_is_in_the_table_with_who_asked() -> None:
    recorder, measured = recorded(aimed_plan(), seconds=3.5)
    text = Page(write_report(aimed_plan(), measured, (), recorder)).text
    assert "Vocal against the backing -3.1 LU -3.0 LU -5.4 to -0.9 LU met model default 1, confidence medium" in text
    assert "at most 6.0 LU 11.5 LU 4.0 to 10.0 LU limit reached prior" in text


def test_a_plan_by_rules_has_no_column_for_engineers_or_askers(page: Page) -> None:
    assert "80 % lie" not in page.text
    assert "engineers" not in page.text
    assert "Asked by" not in page.text


def test_intervals_are_drawn_with_who_says_so_and_a_prior_is_no_model() -> None:
    recorder, measured = recorded(aimed_plan(), seconds=3.5)
    text = Page(write_report(aimed_plan(), measured, (), recorder)).text
    assert "loudness range of the vocal, by prior" in text
    assert "vocal against the backing, by model default 1, confidence medium" in text
    said = "loudness range of the vocal: 80 % of what this model learned from lie between 4.0 and 10.0 LU (prior)"
    assert f"{said}; asked 6.0 LU, got 11.5 LU." in text
    said = "vocal against the backing: 80 % of engineers land between -5.4 and -0.9 LU (model default 1, confidence"
    assert said in text


def test_where_engineers_land_is_drawn_to_scale() -> None:
    aims = drawn_aims(tuple(aim for stage in describe(aimed_plan()) for aim in stage.aims))
    assert [aim.label for aim in aims] == ["loudness range of the vocal", "vocal against the backing"]
    root = ElementTree.fromstring(interval_chart(aims, name="targets-wide", width=960.0))
    kinds = {
        kind: [e for e in root.iter() if e.get("class") == kind] for kind in ("fill-target", "vocal", "fill-vocal")
    }
    bars, asked = kinds["fill-target"][1:], kinds["vocal"][1:]  # the first of each is in the legend
    dots = [dot for dot in kinds["fill-vocal"] if dot.get("cx")]
    for bar, mark, dot, inside in zip(bars, asked, dots, (False, True), strict=True):
        begin, end = (float(number) for number in re.findall(r"[MH]([\d.]+)", bar.get("d") or "")[:2])
        at, got = float((mark.get("d") or "M").split(" ")[0][1:]), float(dot.get("cx") or 0)
        assert 12.0 < begin < at < end < 950.0
        assert (begin < got < end) == inside


@pytest.mark.parametrize("name", ["default 1", 40 * "house " + "1"])
def test_who_asks_is_written_within_the_chart(name: str) -> None:
    target = Target(asked=6.0, got=6.0, low=4.0, high=9.0, source=f"model {name}", confidence=0.8)
    aims = tuple(aim for stage in describe(MixPlan().aim(loudness_range_lu=target)) for aim in stage.aims)
    for width in (960.0, 344.0):
        root = ElementTree.fromstring(interval_chart(aims, name="targets", width=width))
        label = next(e.text or "" for e in root.iter() if (e.text or "").startswith("loudness range of the vocal, by"))
        assert f"by model {name[:7]}" in label
        assert 12.0 + 6.4 * len(label) <= width  # px, letters of 12 px
    assert "confidence" not in label


def test_a_target_that_rules_did_not_follow_is_not_drawn_in_the_spectrum() -> None:
    learned = worked_plan().aim(equalizer_db=Target(asked=1.0, got=1.0, source="model default 1"))
    for plan, shown in ((worked_plan(), True), (learned, False)):
        recorder, measured = recorded(plan, seconds=3.5)
        assert ("mixed vocals" in Page(write_report(plan, measured, (), recorder)).text) == shown


def test_warnings_are_shown(page: Page) -> None:
    assert "the vocal is clipped vocal.clipped" in page.text


def test_plan_in_the_page_is_the_plan(page: Page) -> None:
    text = next(words for words in page.words if words.startswith("{"))
    assert MixPlan.from_dict(json.loads(text)) == worked_plan()


def test_hostile_words_stay_words() -> None:
    plan = (
        worked_plan()
        .replace(engine=_HOSTILE, method=_HOSTILE, model=_HOSTILE, reasons=(Reason("level", _HOSTILE, _HOSTILE),))
        .aim(vmr_db=Target(asked=1.0, got=1.0, low=0.0, high=1.0, source=_HOSTILE, status=_HOSTILE))
    )
    recorder, measured = recorded(plan, seconds=3.5, names=(_HOSTILE, "<img src=x onerror=alert(1)>"))
    page = Page(write_report(plan, measured, (Notice(_HOSTILE, _HOSTILE),), recorder))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert page.text.count("<script>alert('1')</script>") >= 8


def test_charts_have_words_for_those_who_do_not_see_them(page: Page) -> None:
    pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(pictures) == 14
    assert len(ids) == len(set(ids)), "an id is used twice"
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert all(name in ids for name in (attributes["aria-labelledby"] or "?").split())
    assert [tag for tag, _ in page.elements].count("details") == 4


def test_no_chart_draws_what_is_not_a_number(markup: str) -> None:
    paths = re.findall(r' d="([^"]*)"', markup)
    assert len(paths) > 100
    assert not [path for path in paths if re.search(r"nan|inf", path)]


def test_page_stays_below_three_megabytes() -> None:
    sounds = song(16.0, 44100)  # four times over, all charts and the excerpt have their full size
    vocal, backing = (Audio.of(np.tile(sound.samples, (1, 4)), 44100) for sound in sounds)
    plan = worked_plan()
    recorder, measured = recorded(plan, (vocal, backing))
    assert len(write_report(plan, measured, (), recorder)) < 3_000_000


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.9, 3.2])
def test_very_short_sound_gives_a_page(seconds: float) -> None:
    recorder, measured = recorded(MixPlan(), seconds=seconds)
    text = write_report(MixPlan(), measured, (), recorder)
    assert "nan" not in Page(text).text.split()


@pytest.mark.parametrize("silent", ["vocal", "backing", "both"])
def test_silence_gives_a_page(silent: str) -> None:
    vocal, backing = song(4.0, RATE)
    nothing = Audio.of(np.zeros(4 * RATE), RATE)
    sounds = (vocal if silent == "backing" else nothing, backing if silent == "vocal" else nothing)
    plan = worked_plan()
    recorder, measured = recorded(plan, sounds)
    text = Page(write_report(plan, measured, (), recorder)).text
    assert "nothing to sit in" in text
    assert " inf" not in text


def test_all_stages_off_gives_a_page() -> None:
    plan = MixPlan()
    for path, knob in MixPlan.knobs().items():
        plan = plan.set(path, "off") if knob is None else plan
    recorder, measured = recorded(plan, seconds=3.5)
    text = Page(write_report(plan, measured, (), recorder)).text
    for stage in describe(plan):
        assert stage.summary in text


@pytest.mark.parametrize("offset_ms", [-700.0, 900.0])
def test_a_moved_vocal_gives_a_page(offset_ms: float) -> None:
    plan = worked_plan().set("vocal.offset_ms", offset_ms)
    recorder, measured = recorded(plan, seconds=4.0)
    way = "later" if offset_ms > 0 else "earlier"
    assert f"The vocal is moved {abs(offset_ms):.1f} ms {way}." in Page(write_report(plan, measured, (), recorder)).text


def test_picture_is_one_svg_that_stands_alone() -> None:
    plan = worked_plan()
    picture = write_picture(plan, recorded(plan)[0])
    root = ElementTree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") == "960"
    assert "var(" not in picture
    charts = root.findall("{http://www.w3.org/2000/svg}svg")
    assert [chart.get("class") for chart in charts] == ["half"] * 3  # none that is a line style
