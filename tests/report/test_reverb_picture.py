"""The picture of a fit: it stands alone, and shows what is different."""

from xml.etree import ElementTree

import numpy as np

from sitwell.audio import Audio
from sitwell.effects import Reverb
from sitwell.fit import reverb_response
from sitwell.report import reverb_picture

RATE = 32000
SHORT = Reverb(decay_low_s=0.4, decay_mid_s=0.5, decay_high_s=0.3, predelay_ms=0.0)


def picture(reverb: Reverb) -> str:
    response = reverb_response(SHORT, RATE)
    return reverb_picture(Audio(response.samples, RATE, name="a <room>.wav"), reverb)


def test_picture_is_whole_and_escapes_names() -> None:
    drawn = picture(SHORT)
    root = ElementTree.fromstring(drawn)
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert words.count("a <room>") == 1
    assert "Decay time, s" in words
    assert "NaN" not in drawn.replace("NaN-", "")
    assert len(drawn) < 60_000  # small enough for a page


def test_the_same_response_twice_gives_the_same_curve_twice_and_another_does_not() -> None:
    def curves(reverb: Reverb) -> list[str]:
        paths = ElementTree.fromstring(picture(reverb)).iter("{http://www.w3.org/2000/svg}path")
        return [path.attrib["d"] for path in paths if path.attrib.get("class") in ("backing", "vocal")]

    same, other = curves(SHORT), curves(SHORT.replace(decay_mid_s=0.9))
    assert len(same) == 6  # two samples of the legend, two decays, two densities
    assert (same[2], same[4]) == (same[3], same[5])
    assert other[2] != other[3]


def test_a_band_without_a_decay_is_left_open() -> None:
    low = Audio(np.ascontiguousarray(reverb_response(SHORT, 12000).samples), 12000, name="dull.wav")
    assert "nan" not in reverb_picture(low, SHORT)
