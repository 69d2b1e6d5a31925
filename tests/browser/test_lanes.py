"""Tabs, columns, differences, print: the lanes as a reader meets them."""

import pytest
from built_site import CHAPTERS, PAGES

pytestmark = pytest.mark.browser
LANES = ["pytorch", "tensorflow", "keras"]
FIRST = CHAPTERS[0] if CHAPTERS else ""
LAST = CHAPTERS[-1] if CHAPTERS else ""

VISIBLE = """lane => [...document.querySelectorAll(`.lanes > .sd-tab-content`)]
  .filter(e => e.classList.contains(`lane-${lane}`))
  .filter(e => !e.closest('details:not([open]), .solution'))
  .map(e => getComputedStyle(e).display !== 'none')"""


def shown(page) -> list[str]:
    """Return the lanes of which every tab body is displayed, and check the others."""
    found = []
    for lane in LANES:
        states = page.evaluate(VISIBLE, lane)
        assert states, f"no tab bodies of {lane}"
        assert len(set(states)) == 1, f"{lane}: some tab sets show it, some don't"
        if states[0]:
            found.append(lane)
    return found


def test_tabs_switch_together_and_are_remembered(visit) -> None:
    reader = visit()
    page = reader.open(FIRST, at_rest=True)
    assert shown(page) == ["pytorch"]
    page.locator(".lanes > label.lane-keras").first.click()
    assert shown(page) == ["keras"]
    assert shown(reader.open(LAST, at_rest=True)) == ["keras"]
    assert not reader.complaints


@pytest.mark.parametrize("lane", LANES)
def test_a_link_can_choose_the_lane(visit, lane: str) -> None:
    reader = visit()
    assert shown(reader.open(f"{FIRST}?lane={lane}")) == [lane]
    assert shown(reader.open(LAST)) == [lane]


def test_tabs_can_be_reached_and_moved_by_keyboard(visit) -> None:
    page = visit().open(FIRST)
    page.evaluate("document.querySelector('.lanes').scrollIntoView()")
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.lanes > input')"):
            break
    else:
        pytest.fail("200 presses of Tab reached no tab of a lane")
    page.keyboard.press("ArrowRight")
    assert shown(page) == ["tensorflow"]
    outline = page.evaluate(
        "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    )
    assert outline != "none"


@pytest.mark.parametrize("width", [1400, 1600])
def test_columns_fit_and_are_remembered(visit, width: int) -> None:
    reader = visit(width)
    page = reader.open(FIRST)
    page.get_by_role("button", name="Columns").click()
    assert shown(page) == LANES
    tops = page.evaluate(
        "[...document.querySelectorAll('.lanes')][0].querySelectorAll"
        "(':scope > .sd-tab-content').values().map"
        "(e => Math.round(e.getBoundingClientRect().top)).toArray()"
    )
    assert len(set(tops)) == 1, "the three bodies do not stand side by side"
    for path in CHAPTERS:
        page = reader.open(path)
        assert shown(page) == LANES, f"{path} forgot the columns"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} scrolls sideways: {wide} px at {width} px"
    page.get_by_role("button", name="Columns").click()
    assert len(shown(page)) == 1


def test_switches_are_there_only_where_they_do_something(visit) -> None:
    assert not visit(1280).open(FIRST).locator("#switch-columns").is_visible()
    assert not visit(1500).open("index.html").locator("#switch-columns").count()
    page = visit(1500).open(FIRST)
    assert not page.locator("#switch-differences").is_visible()
    button = page.get_by_role("button", name="Columns")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator("#switch-differences").is_visible()


def test_differences_dim_what_is_shared(visit) -> None:
    page = visit(1500).open(FIRST)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Differences").click()
    counts = page.evaluate(
        "Object.fromEntries(['pytorch', 'tensorflow', 'keras'].map(lane => [lane,"
        "document.querySelectorAll(`.lane-${lane} pre span.shared`).length]))"
    )
    assert min(counts.values()) > 0
    assert len(set(counts.values())) == 1, f"shared by three, so as many each: {counts}"
    marked = page.evaluate(
        "getComputedStyle(document.querySelector"
        "('.lanes[data-compared] pre span.n:not(.shared)')).backgroundColor"
    )
    plain = page.evaluate(
        "getComputedStyle(document.querySelector('.lanes pre span.shared'))"
        ".backgroundColor"
    )
    assert marked != plain


def test_a_phone_gets_tabs(visit) -> None:
    reader = visit(390, 844)
    for path in PAGES:
        page = reader.open(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{path} scrolls sideways: {wide} px at 390 px"
    page = reader.open(FIRST)
    assert shown(page) == ["pytorch"]
    assert not page.locator("#switch-columns").is_visible()


def test_paper_gets_every_lane(visit) -> None:
    page = visit().open(FIRST)
    page.emulate_media(media="print")
    assert shown(page) == LANES
    labels = page.locator(".lanes").first.locator("> label")
    assert [labels.nth(i).is_visible() for i in range(3)] == [True] * 3


def test_works_without_javascript(visit) -> None:
    page = visit(java_script_enabled=False).open(FIRST)
    body = ".lanes >> nth=0 >> .sd-tab-content.lane-{}"
    assert page.locator(body.format("pytorch")).is_visible()
    assert not page.locator(body.format("keras")).is_visible()
    page.locator(".lanes > label.lane-keras").first.click()
    assert page.locator(body.format("keras")).is_visible()
    assert not page.locator("#switch-columns").is_visible()


def test_refused_storage_breaks_nothing(visit) -> None:
    reader = visit(1500)
    reader.page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty"
        "(window, name, {get() { throw new DOMException('refused', 'SecurityError') }})"
    )
    page = reader.open(FIRST, at_rest=True)
    page.get_by_role("button", name="Columns").click()
    assert shown(page) == LANES
    assert not reader.complaints
