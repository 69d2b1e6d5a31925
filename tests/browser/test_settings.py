"""Every page as readers set their screens: large type, and the system's own colours."""

import pytest
from built_site import CHAPTERS, PAGES
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

STICKS_OUT = """() => {
  const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
  const inScroller = e => e && e !== document.body &&
    (scrolls(e) || inScroller(e.parentElement));
  const parts = '.bd-article-container *, .bd-header-article *';
  const outside = [...document.querySelectorAll(parts)]
    .filter(e => e.checkVisibility({visibilityProperty: true}))
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .filter(e => !inScroller(e.parentElement))
    .map(e => e.outerHTML.slice(0, 100));
  const page = document.documentElement.scrollWidth;
  return page > innerWidth ? [`${page} px`, ...outside] : outside;
}"""

LOOK = """e => {
  const s = getComputedStyle(e);
  const ground = getComputedStyle(document.body).backgroundColor;
  const rgb = colour => colour.match(/\\d+/g).slice(0, 3).join();
  const seen = colour => rgb(colour) === rgb(ground) ? 'as the ground' : colour;
  return JSON.stringify([s.color, seen(s.backgroundColor), s.fontWeight,
    s.textDecorationLine, s.borderBottomStyle, seen(s.borderBottomColor)]);
}"""
ALIKE = f"""([marked, plain]) => {{
  const look = {LOOK};
  const looks = selector => [...document.querySelectorAll(selector)]
    .filter(e => e.checkVisibility()).map(look);
  const [ours, others] = [marked, plain].map(looks);
  return ours.some(state => others.includes(state));
}}"""
STATES = {
    "the chosen tab": (".lanes > input{} + label", ":checked"),
    "the chosen filter": (".choices input{} + label", ":checked"),
    "the chosen weights": (".ready button{}", "[aria-pressed='true']"),
}
"""What is marked -> where, and by what in the page's HTML."""
ON_A_DESK = {
    "the current page": (".bd-sidebar-primary li{} > a", ".active"),
    "the button that is on": (".lane-switches button{}", "[aria-pressed='true']"),
    "what differs": ("[data-compared] pre span{}:not(.w, .p, :empty)", ":not(.shared)"),
}

INVISIBLE = """() => {
  const ground = getComputedStyle(document.body).backgroundColor;
  const ink = getComputedStyle(document.body).color;
  const styles = (selector, name) => [...document.querySelectorAll(selector)]
    .map(e => getComputedStyle(e)[name]);
  const bars = styles('.tally .bar, .bars .fill', 'backgroundColor')
    .filter(colour => colour === ground || colour === 'rgba(0, 0, 0, 0)');
  const charts = styles('.sidebyside-chart :is(text, circle, rect, path)', 'fill')
    .filter(colour => colour !== ink);
  const scores = styles('.score', 'backgroundImage').filter(image => image === 'none');
  return [bars.length, charts.length, scores.length];
}"""
UNSEEN_FOCUS = """() => {
  const focusable = 'a[href], button, input, select, summary, [tabindex="0"]';
  const drawn = s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2
    && s.opacity > 0;
  const ringed = e => {
    e.focus({preventScroll: true});
    if (document.activeElement !== e) return true;
    return [e, e.nextElementSibling].some(x => x && drawn(getComputedStyle(x)));
  };
  const kind = e => [e.tagName, e.className, e.parentElement.className].join();
  const all = [...document.querySelectorAll(focusable)];
  const kinds = new Map(all.filter(e => e.checkVisibility()).map(e => [kind(e), e]));
  const unseen = [...kinds.values()].filter(e => !ringed(e));
  return unseen.map(e => e.outerHTML.slice(0, 100));
}"""


def alike(page: Page, states: dict[str, tuple[str, str]]) -> list[str]:
    """Return what looks the same on a page, whether it is marked or not."""
    pairs = {
        name: [where.format(mark), where.format(f":not({mark})")]
        for name, (where, mark) in states.items()
    }
    return [name for name, pair in pairs.items() if page.evaluate(ALIKE, pair)]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_its_meaning_at_400_percent_and_in_other_colours(
    enlarged, path: str
) -> None:
    page = enlarged.open(path)
    assert not (outside := page.evaluate(STICKS_OUT)), "\n".join(outside)
    assert alike(page, STATES) == []
    assert page.evaluate(INVISIBLE) == [0, 0, 0], "bars, parts of charts, scores"
    page.keyboard.press("Tab")  # from now on, focus is shown
    assert not (unseen := page.evaluate(UNSEEN_FOCUS)), "\n".join(unseen)


def test_columns_and_differences_need_no_colours(visit) -> None:
    page = visit(1500, forced_colors="active").open(CHAPTERS[0])
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Differences").click()
    page.locator(".primary-toggle").click()
    assert page.locator("[data-compared] pre span.shared").count() > 0
    assert alike(page, ON_A_DESK) == []
    page.get_by_role("button", name="Differences").click()
    assert alike(page, ON_A_DESK) == ["what differs"], "or this test shows nothing"
