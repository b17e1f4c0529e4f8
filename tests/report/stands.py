"""What report tests share: a small song rendered with a plan while a recorder listens."""

import dataclasses
from functools import cache
from html.parser import HTMLParser

from sitwell.analysis import measure_track
from sitwell.audio import Audio
from sitwell.decide import Stem
from sitwell.plan import MixPlan, Target
from sitwell.render import Measured, MixMeter, render_blocks
from sitwell.report import Recorder
from tests.songs import song

RATE = 22050


def stem(audio: Audio, name: str) -> Stem:
    """Measure a sound, under another name."""
    return Stem(audio, dataclasses.replace(measure_track(audio), name=name))


def worked_plan() -> MixPlan:
    """Give a plan in which every stage does something that can be recognised."""
    plan = MixPlan(engine="sitwell test")
    settings = {
        "vocal.highpass.frequency_hz": 97.0,
        "vocal.equalizer.bell_2.gain_db": -3.4,
        "vocal.compressor.enabled": "on",
        "vocal.compressor.threshold_db": -31.3,
        "vocal.compressor.ratio": 2.7,
        "vocal.gain_db": 4.6,
        "backing.equalizer.bell_2.gain_db": -2.2,
        "reverb.decay_mid_s": 1.9,
        "master.gain_db": 1.3,
    }
    for path, value in settings.items():
        plan = plan.set(path, value)
    plan = plan.because("level", "the vocal was -4.6 LU against the backing", "a paper")
    return plan.aim(vmr_db=Target(asked=-3.1, got=-3.2), loudness_range_lu=Target(asked=14.0, got=11.7, status="met"))


@cache
def _song(seconds: float) -> tuple[Audio, Audio]:
    return song(seconds, RATE)


def recorded(
    plan: MixPlan,
    sounds: tuple[Audio, Audio] | None = None,
    *,
    seconds: float = 8.0,
    names: tuple[str, str] = ("voice", "band"),
) -> tuple[Recorder, Measured]:
    """Render a song with a recorder listening."""
    vocal, backing = sounds or _song(seconds)
    recorder = Recorder(plan, stem(vocal, names[0]), stem(backing, names[1]))
    meter = MixMeter(vocal.sample_rate)
    for parts, block, limiter_db in render_blocks(plan, vocal, backing):
        meter.process(parts, block, limiter_db)
        recorder.process(parts, block)
    return recorder, meter.finish()


class Page(HTMLParser):
    """A page taken apart: its text, its elements with their attributes; wrong nesting is an error."""

    _EMPTY = frozenset(("meta", "input", "br", "img"))

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    @property
    def text(self) -> str:
        """All words, with plain minus signs and spaces."""
        return " ".join(self.words).replace("−", "-").replace("\u00a0", " ")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in self._EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that what ends is what began last."""
        assert self._open[-1:] == [tag], f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note text, but neither style nor script."""
        if self._open[-1:] not in (["style"], ["script"]):
            self.words.append(data.strip())
