"""The listening test: equally loud, blind, complete, and usable in a browser without network or mouse."""

import csv
import re
import subprocess
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile

from sitwell.evaluate.evaluation import Evaluation
from sitwell.evaluate.listening.sounds import LUFS, SECONDS, write_sounds
from sitwell.evaluate.listening.write import write_listening
from sitwell.evaluate.select import choose_songs
from sitwell.evaluate.settings import Settings
from sitwell.evaluate.song import Judged
from sitwell.songs import Song
from tests.evaluate.songbook import write_songbook

CONDITIONS = ["human", "plain sum", "level only", "rules"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songbook(tmp_path_factory.mktemp("songbook"))


def good_songs(book: Path) -> tuple[Song, ...]:
    return tuple(song for song in choose_songs(book) if song.id != "three")


@pytest.fixture(scope="module")
def folder(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("listening")
    judged = tuple(Judged(song) for song in good_songs(book))
    assert write_listening(Evaluation(Settings(), None, judged, ()), out) == out / "page" / "index.html"
    return out


def key(folder: Path) -> list[dict[str, str]]:
    with (folder / "key.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_condition_of_every_song_is_there_under_an_opaque_name(folder: Path) -> None:
    rows = key(folder)
    assert [(row["song"], row["condition"]) for row in rows] == [
        (song, condition) for song in ("one", "two") for condition in CONDITIONS
    ]
    assert {f"{row['sound']}.flac" for row in rows} == {path.name for path in (folder / "page" / "sounds").iterdir()}
    assert all(re.fullmatch("[0-9a-f]{12}", row["sound"]) for row in rows)


def test_all_sounds_are_equally_loud_to_another_meter(folder: Path) -> None:
    for path in (folder / "page" / "sounds").iterdir():
        sound, rate = soundfile.read(path)
        meter = pyebur128.R128State(2, rate, pyebur128.MeasurementMode.MODE_I)
        meter.add_frames(np.ascontiguousarray(sound).ravel(), len(sound))
        assert pyebur128.get_loudness_global(meter) == pytest.approx(LUFS, abs=0.2)  # LU, as promised
        assert np.abs(sound).max() < 1.0
        assert len(sound) <= SECONDS * rate


def test_the_page_tells_neither_song_nor_condition(folder: Path) -> None:
    page = (folder / "page" / "index.html").read_text()
    for word in ("human", "rules", "learned", "plain sum", "level only", '"one"', '"two"'):
        assert word not in page, word
    names = re.findall('[0-9a-f]{12}(?=")', page)
    assert len(names) == 8
    assert names[:4] == sorted(names[:4])
    assert "http" not in page.replace("http-equiv", "")


def test_the_damaged_vocal_is_what_methods_get(folder: Path) -> None:
    sounds = {
        row["condition"]: soundfile.read(folder / "page" / "sounds" / f"{row['sound']}.flac")[0]
        for row in key(folder)
        if row["song"] == "one"
    }
    assert len({sound.tobytes() for sound in sounds.values()}) == len(CONDITIONS)


def test_a_raw_take_has_no_human_mix_unless_one_lies_beside_it(book: Path, tmp_path: Path) -> None:
    raw = good_songs(book)[0].replace(level_label=False)
    assert [sound.condition for sound in write_sounds(raw, Settings(), tmp_path)] == CONDITIONS[1:]
    beside = write_songbook(tmp_path / "again", seconds=6.0) / "one"
    soundfile.write(beside / "mix.wav", soundfile.read(beside / "backing.wav")[0], 22050)
    song = raw.replace(vocal=str(beside / "vocals.wav"), backing=str(beside / "backing.wav"))
    assert [sound.condition for sound in write_sounds(song, Settings(), tmp_path)] == CONDITIONS


def test_another_seed_gives_other_names(book: Path, folder: Path, tmp_path: Path) -> None:
    other = {sound.name for sound in write_sounds(good_songs(book)[0], Settings(seed=1), tmp_path)}
    assert not other & {row["sound"] for row in key(folder)}


# Added to the page under test: rates everything by keyboard and writes down what happened.
_PROBE = """
<script>
const seen = [];
let saved = null;
window.addEventListener("error", (event) => seen.push("error " + event.message));
window.addEventListener("unhandledrejection", (event) => seen.push("error " + event.reason));
document.addEventListener("securitypolicyviolation", (event) => seen.push("refused " + event.violatedDirective));
const create = URL.createObjectURL;
URL.createObjectURL = (blob) => { saved = blob; return create.call(URL, blob); };
HTMLAnchorElement.prototype.click = function () { seen.push("file " + this.download); };
const key = (name) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
const order = () => document.querySelectorAll("#sounds li").length;
window.addEventListener("load", async () => {
  document.getElementById("listener").value = 'Ann, "the" ear';
  document.querySelector("form").requestSubmit();
  const next = document.getElementById("next");
  for (let page = 0; page < 2; page += 1) {
    const sliders = [...document.querySelectorAll("#sounds input")];
    seen.push("sounds " + order() + " next " + !next.disabled);
    sliders.forEach((slider, place) => {
      key(String(place + 1));
      slider.value = String(10 * (place + 1));
      slider.dispatchEvent(new Event("input"));
    });
    const buttons = [...document.querySelectorAll("#sounds button")];
    const pressed = buttons.map((button) => button.getAttribute("aria-pressed"));
    seen.push("heard " + pressed.indexOf("true") + " next " + !next.disabled);
    seen.push("playing " + document.getElementById("play").getAttribute("aria-pressed"));
    seen.push("named " + sliders.every((slider) => slider.getAttribute("aria-label").startsWith("Rating of sound")));
    seen.push("overflow " + (document.documentElement.scrollWidth - document.documentElement.clientWidth));
    next.click();
  }
  seen.push("end " + !document.getElementById("end").hidden);
  document.querySelector("#end .save").click();
  document.body.dataset.csv = await saved.text();
  document.body.dataset.seen = seen.join("; ");
});
</script>
"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 500])
def test_a_listener_rates_by_keyboard_and_saves_a_table(
    chromium: str, folder: Path, tmp_path: Path, width: int
) -> None:
    markup = (folder / "page" / "index.html").read_text()
    page = folder / "page" / f"probe-{width}.html"
    page.write_text(
        re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", markup).replace("</body>", f"{_PROBE}</body>")
    )
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={width},1600", "--timeout=8000", "--virtual-time-budget=8000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    page.unlink()
    found = re.search(r'data-seen="([^"]*)"', dom)
    assert found is not None, "the script did not come to its end"
    seen = found[1].split("; ")
    assert not [line for line in seen if line.startswith(("error", "refused"))], seen
    assert seen.count("sounds 4 next false") == 2
    assert seen.count("heard 3 next true") == 2
    assert seen.count("playing true") == 2
    assert seen.count("named true") == 2
    assert seen.count("overflow 0") == 2
    assert seen[-2:] == ["end true", "file ratings-Ann_the_ear.csv"]
    _check_ratings(dom, folder)


def _check_ratings(dom: str, folder: Path) -> None:
    found = re.search(r'data-csv="([^"]*)"', dom)
    assert found is not None
    rows = list(csv.DictReader(found[1].replace("&quot;", '"').replace("&amp;", "&").splitlines()))
    assert len(rows) == 8
    assert {row["listener"] for row in rows} == {'Ann, "the" ear'}
    assert {row["sound"] for row in rows} == {row["sound"] for row in key(folder)}
    assert [int(row["rating"]) for row in rows] == [10, 20, 30, 40] * 2
    by_page = [[row["sound"] for row in rows if row["page"] == page] for page in ("1", "2")]
    songs = {row["sound"]: row["song"] for row in key(folder)}
    assert all(len({songs[sound] for sound in sounds}) == 1 for sounds in by_page)  # a page is one song
    assert by_page != [sorted(sounds) for sounds in by_page]  # in an order of their own


@pytest.mark.browser
def test_policy_lets_the_page_run_as_it_is(chromium: str, folder: Path, tmp_path: Path) -> None:
    page = folder / "page" / "index.html"
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "Begin</button>" in done.stdout
    assert "CONSOLE" not in done.stderr  # where a browser says what its policy refused
