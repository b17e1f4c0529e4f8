"""The page in a real browser: its script runs, its policy lets it, and nothing overflows on a narrow screen."""

import re
import subprocess
from pathlib import Path

import pytest

from sitwell.report import write_report
from tests.report.stands import recorded, worked_plan

pytestmark = pytest.mark.browser

# Added to the page under test: plays, switches, and writes down what happened. The page's own policy refuses
# foreign scripts, so that it is widened for this one only.
_PROBE = """
<script>
const seen = [];
window.addEventListener("error", (event) => seen.push("error " + event.message));
window.addEventListener("unhandledrejection", (event) => seen.push("error " + event.reason));
document.addEventListener("securitypolicyviolation", (event) => seen.push("refused " + event.violatedDirective));
window.addEventListener("load", async () => {
  const sides = document.querySelectorAll(".sides button");
  const sounds = document.querySelectorAll("audio");
  const deck = document.querySelector(".deck");
  seen.push("deck " + !deck.hidden);
  const position = deck.querySelector("input");
  position.value = "2";
  position.dispatchEvent(new Event("input"));
  sides[0].click();
  seen.push("a " + sides[0].getAttribute("aria-pressed") + " b " + sides[1].getAttribute("aria-pressed"));
  seen.push("at " + [...sounds].map((sound) => sound.currentTime).join(" "));
  seen.push("time " + deck.querySelector("output").textContent);
  deck.querySelector(".play").click();
  await new Promise((done) => setTimeout(done, 600));
  seen.push("playing " + [...sounds].every((sound) => !sound.paused));
  deck.querySelector(".play").click();
  seen.push("overflow " + (document.documentElement.scrollWidth - document.documentElement.clientWidth));
  document.body.dataset.seen = seen.join("; ");
});
</script>
"""


@pytest.fixture(scope="module")
def markup() -> str:
    plan = worked_plan()
    recorder, measured = recorded(plan, seconds=6.0)
    return write_report(plan, measured, (), recorder)


def _dom(chromium: str, page: Path, width: int) -> str:
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={page.parent / 'profile'}",
        f"--window-size={width},2400", "--timeout=8000", "--virtual-time-budget=8000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.parametrize("width", [1280, 500])
def test_script_runs_and_the_switch_keeps_the_position(chromium: str, tmp_path: Path, markup: str, width: int) -> None:
    page = tmp_path / "report.html"
    page.write_text(
        re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", markup).replace("</main>", f"</main>{_PROBE}")
    )
    found = re.search(r'data-seen="([^"]*)"', _dom(chromium, page, width))
    assert found is not None, "the script did not come to its end"
    seen = found[1].split("; ")
    assert not [line for line in seen if line.startswith(("error", "refused"))], seen
    assert "deck true" in seen
    assert "a true b false" in seen
    assert "at 2 2" in seen
    assert "time 0:02 / 0:06" in seen or "time 0:02 / 0:05" in seen
    assert "overflow 0" in seen


def test_policy_lets_the_page_run_as_it_is(chromium: str, tmp_path: Path, markup: str) -> None:
    page = tmp_path / "report.html"
    page.write_text(markup)
    dom = _dom(chromium, page, 1280)
    assert '<div class="plain" hidden="">' in dom, "the script was refused or failed"
