"""Tabs, columns, differences, print: the lanes as a reader meets them."""

import pytest
from built_site import CHAPTERS

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
    other = next(name for name in LANES if name != lane)
    assert shown(reader.open(f"{LAST}?lane={other}")) == [other]
    assert shown(reader.open(f"{FIRST}?lane={lane}")) == [lane]
    assert shown(reader.open(LAST)) == [lane]


def test_a_link_may_write_the_lane_as_it_likes(visit) -> None:
    reader = visit()
    assert shown(reader.open(f"{FIRST}?lane=Keras")) == ["keras"]
    assert shown(reader.open(f"{FIRST}?lane=TENSORFLOW")) == ["tensorflow"]
    assert shown(reader.open(LAST)) == ["tensorflow"]


def test_a_later_choice_outlives_the_link(visit) -> None:
    page = visit().open(f"{FIRST}?q=1&lane=keras#top")
    assert shown(page) == ["keras"]
    page.locator(".lanes > label.lane-pytorch").first.click()
    page.reload()
    assert shown(page) == ["pytorch"]
    assert page.url.endswith("?q=1#top"), "the rest of the address stays"


def test_a_link_to_no_lane_changes_nothing(visit) -> None:
    reader = visit()
    reader.open(FIRST).locator(".lanes > label.lane-keras").first.click()
    for lane in ("jax", "", "keras%20", "constructor"):
        assert shown(reader.open(f"{FIRST}?lane={lane}")) == ["keras"], lane
    assert shown(reader.open(LAST)) == ["keras"]


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


CUT_OFF = """[...document.querySelectorAll('.bd-article pre')]
  .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth)
  .filter(e => e.closest('SCOPE')).map(e => e.tabIndex)"""


def test_code_that_is_cut_off_can_be_reached_wherever_it_appears(visit) -> None:
    page = visit(360).open(FIRST, at_rest=True)
    for lane in reversed(LANES):
        page.locator(f".lanes > label.lane-{lane}").first.click()
        cut_off = CUT_OFF.replace("SCOPE", f".sd-tab-content.lane-{lane}")
        assert page.evaluate(cut_off), f"{lane}: expected code that is cut off"
        page.wait_for_function(f"{cut_off}.every(index => index === 0)")
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    hidden = CUT_OFF.replace("SCOPE", "details")
    assert page.evaluate(hidden), "expected hidden code that is cut off"
    page.wait_for_function(f"{hidden}.every(index => index === 0)")


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
    page = visit(390, 844).open(FIRST)
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


FULL = """Storage.prototype.setItem = () => {
  throw new DOMException('full', 'QuotaExceededError') }"""
FAULTS = {
    "refused": """for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, {get() { throw new DOMException(name) }})""",
    "unreadable": """for (const method of ['getItem', 'setItem', 'removeItem'])
      Storage.prototype[method] = () => { throw new DOMException(method) }""",
    "full": FULL,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_storage_the_page_shows_what_was_chosen(visit, fault: str) -> None:
    reader = visit(1500)
    reader.page.add_init_script(FAULTS[fault])
    page = reader.open(FIRST, at_rest=True)
    button = page.get_by_role("button", name="Columns")
    for pressed in (True, False):
        button.click()
        assert button.get_attribute("aria-pressed") == str(pressed).lower()
        assert (shown(page) == LANES) == pressed
    page.locator(".lanes > label.lane-keras").first.click()
    assert shown(page) == ["keras"]
    page.locator("button.theme-switch-button").first.click()
    page.reload()
    assert shown(page) == ["keras"], "the address remembers it"
    assert shown(reader.open(f"{FIRST}?lane=TensorFlow")) == ["tensorflow"]
    assert not reader.complaints


def test_storage_that_fills_up_is_no_reason_to_show_an_older_choice(visit) -> None:
    reader = visit()
    page = reader.open(f"{FIRST}?lane=pytorch")
    page.evaluate(f"() => {{ {FULL} }}")
    page.locator(".lanes > label.lane-keras").first.click()
    reader.page.add_init_script(FULL)
    page.reload()
    assert shown(page) == ["keras"]
    assert not reader.complaints
