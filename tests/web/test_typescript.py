"""The page's own tests: pure parts and the engine's player, in node."""

from tests.web.engine import WEB, node


def test_unit_tests_of_the_page_pass() -> None:
    assert "failed" not in node("npx", "--no-install", "vitest", "run", "--reporter=dot")


def test_the_lock_file_names_no_address() -> None:
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
