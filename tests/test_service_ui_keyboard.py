"""Pages without a mouse and by ear: each control is reached by Tab and shows it, and has a name; keys do what they do elsewhere.

The rules that are checked by axe (WCAG 2.1 A and AA) are skipped where it is not installed; the rest is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers import OFFICE, PHONE, answered, ask, library, needs_chromium, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browsers import Opener

# A page and the element that says that it is there.
PAGES = (
    ("/", ".wh-example"),
    ("/library", ".q-table tbody a"),
    ("/figures", ".q-table tbody tr, .q-table__grid-content .wh-card"),
    ("/summary", ".q-table tbody tr"),
    ("/draft", ".wh-empty"),
    ("/compare", ".wp-filters"),
    ("/review", ".q-uploader"),
    ("/settings", ".wh-tabs"),
)
MOST = 400  # presses of Tab on one page
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

pytestmark = needs_chromium

# The same button for a while: the framework makes the cells of a table anew with each change, and focus goes with them.
AT_REST = """() => {
  const first = document.querySelector("tbody button[aria-label^=更正]");
  if (first !== window.restingOn) { window.restingOn = first; window.restingSince = performance.now(); }
  return first && performance.now() - window.restingSince > 800;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(library(tmp_path_factory.mktemp("site"))) as address:
        yield address


def there(shown: Page, site: str, path: str, ready: str) -> None:
    """Open a page and wait until it can be used."""
    shown.goto(f"{site}{path}")
    shown.locator(ready).first.wait_for()
    shown.wait_for_function("() => window.socket && window.socket.connected")


# -- keys -------------------------------------------------------------------------------------------

# All that Tab should reach: seen, enabled, in the order of the page. Asked anew each time: tables are drawn anew.
STOPS = """() => [...document.querySelectorAll('a[href],button,input,textarea,select,[tabindex]')]
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length && !e.closest('[aria-hidden=true],[inert]')
    && getComputedStyle(e).visibility === 'visible'
    && !(e.getAttribute('role') === 'tab' && e.getAttribute('aria-selected') !== 'true'))"""  # arrows reach these
HTML = f"() => ({STOPS})().map(e => e.outerHTML.slice(0, 160))"
HERE = f"""() => {{ const e = document.activeElement, box = e.getBoundingClientRect();
  const line = getComputedStyle(e), field = e.closest('.q-field');
  return {{ left: e === document.body, stop: ({STOPS})().indexOf(e), html: e.outerHTML.slice(0, 160),
    shown: line.outlineStyle !== 'none' && parseFloat(line.outlineWidth) > 0
      || field !== null && field.classList.contains('q-field--focused'),
    seen: box.bottom > 0 && box.top < innerHeight }} }}"""


def walked(shown: Page) -> list[dict[str, Any]]:
    """What has the focus after each Tab, until it leaves the page."""
    steps: list[dict[str, Any]] = []
    for _ in range(MOST):
        shown.keyboard.press("Tab")
        step = shown.evaluate(HERE)
        if step["left"] or any(step["stop"] == one["stop"] for one in steps):
            break
        if step["stop"] >= 0:  # Chromium also stops at what scrolls
            steps.append(step)
    return steps


def next_after(shown: Page, stop: int) -> bool:
    """Whether Tab leads from the control before to this one."""
    shown.evaluate(f"n => ({STOPS})()[n].focus()", stop - 1)
    shown.keyboard.press("Tab")
    return bool(shown.evaluate(HERE)["stop"] == stop)


@pytest.mark.parametrize(("path", "ready"), PAGES)
def test_tab_reaches_every_control_in_order_and_shows_where_it_is(
    site: str, page: Opener, path: str, ready: str
) -> None:
    shown = page()
    there(shown, site, path, ready)
    shown.wait_for_timeout(400)  # what comes after the page itself
    steps, every = walked(shown), shown.evaluate(HTML)
    order = [one["stop"] for one in steps]
    assert order == sorted(order)
    # A table that is drawn anew just as it has the focus hides one step: that one is tried by itself.
    missed = [n for n in range(1, len(every)) if n not in order and not next_after(shown, n)]
    assert 0 in order and not missed, [every[n] for n in missed]
    assert not [one["html"] for one in steps if not one["shown"]]
    assert not [one["html"] for one in steps if not one["seen"]]


def test_the_navigation_can_be_skipped(site: str, page: Opener) -> None:
    shown = page()
    there(shown, site, "/figures", ".q-table tbody tr")
    shown.keyboard.press("Tab")
    link = shown.get_by_role("link", name="跳到正文")
    assert link.evaluate("e => e === document.activeElement && e.getBoundingClientRect().left >= 0")
    shown.keyboard.press("Enter")
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.closest('#main') !== null")


def test_a_question_its_source_and_the_way_back_by_keys_alone(site: str, page: Opener) -> None:
    shown = page()
    there(shown, site, "/", ".wh-example")
    ask(shown, "澄河县2022年家庭医生签约率是多少？")  # typed, then Enter
    answered(shown)
    shown.locator(".wh-cite").first.focus()
    shown.keyboard.press("Enter")
    shown.locator("#wh-source-mark").wait_for()
    shown.keyboard.press("Escape")
    shown.locator("body:not(.wh-paneled)").wait_for()


def test_escape_closes_a_dialog_and_the_focus_returns(site: str, page: Opener) -> None:
    shown = page()
    there(shown, site, "/figures", ".q-table tbody tr")
    from playwright.sync_api import TimeoutError as Late

    back = "() => document.activeElement.ariaLabel?.startsWith('更正')"
    for last in (False, False, True):  # cells that are made anew meanwhile take the focus with them
        shown.wait_for_function(AT_REST)
        shown.locator("tbody button[aria-label^=更正]").first.focus()
        shown.keyboard.press("Enter")
        shown.get_by_role("dialog").wait_for()
        shown.wait_for_function("() => document.activeElement.closest('[role=dialog]')")
        shown.keyboard.press("Escape")
        shown.get_by_role("dialog").wait_for(state="detached")
        try:
            shown.wait_for_function(back, timeout=20_000 if last else 3_000)
            return
        except Late:
            if last:
                raise


def test_tabs_are_changed_by_arrows_and_menus_by_enter(site: str, page: Opener) -> None:
    shown = page()
    there(shown, site, "/settings", ".wh-tabs")
    shown.get_by_role("tab", name="模型与接口").focus()
    shown.keyboard.press("ArrowRight")
    shown.keyboard.press("Enter")
    shown.get_by_role("tab", name="用户", selected=True).wait_for()


# -- names ------------------------------------------------------------------------------------------


@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe is not installed")
@pytest.mark.parametrize("size", [OFFICE, PHONE])
@pytest.mark.parametrize(("path", "ready"), PAGES)
def test_nothing_is_without_a_name_or_too_pale(
    site: str, page: Opener, path: str, ready: str, size: tuple[int, int]
) -> None:
    shown = page(size)
    there(shown, site, path, ready)
    shown.wait_for_timeout(600)  # what fades in has its colour
    assert not _faults(shown)


def _faults(shown: Page) -> list[str]:
    """What axe finds, with the element."""
    found = find_spec("axe_playwright_python")
    assert found is not None and found.origin is not None
    shown.evaluate((Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    told = shown.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{fault['id']}: {node['html'][:200]}" for fault in told["violations"] for node in fault["nodes"]]
