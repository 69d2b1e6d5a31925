"""The slides of every chapter in Chromium: nothing stands out, nothing is fetched."""

from pathlib import Path

import pytest
from built_site import ROOT
from playwright.sync_api import Browser, Page

from sidebyside_book.editions import deck
from sidebyside_book.execution.chapters import find_chapters

pytestmark = pytest.mark.browser
CHAPTERS = [c.name for c in find_chapters(ROOT) if c.name[:2].isdigit()]
SMALLEST = 10
"""Pixels of text on a slide of 1280 x 720 at least; a key enlarges a lane."""
STANDS_OUT = """() => {
  const frames = [...document.querySelectorAll('.frame')];
  const found = [];
  for (const frame of frames) {
    const section = frame.parentElement, body = frame.querySelector('.body');
    const edge = frame.getBoundingClientRect();
    const size = parseFloat(body.style.fontSize);
    for (const box of [frame, body, ...body.querySelectorAll('pre, .output, .lane')])
      if (box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth)
        found.push(`${section.id}: ${box.className || box.tagName} stands out`);
    for (const part of body.querySelectorAll('*')) {
      const own = part.getBoundingClientRect();
      if (own.bottom > edge.bottom + 1 || own.right > edge.right + 1)
        found.push(`${section.id}: ${part.tagName} ends at ${own.right},${own.bottom}`);
    }
    if (size < SMALLEST) found.push(`${section.id}: text of ${size} px`);
  }
  return [frames.length, found];
}""".replace("SMALLEST", str(SMALLEST))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slides of all chapters; they are made of the executed notebooks."""
    place = tmp_path_factory.mktemp("slides")
    deck.write(ROOT, [], place)
    return place


class Room:
    """A browser without a network, and what a deck asked for or complained of."""

    def __init__(self, browser: Browser, **settings: object) -> None:
        size = settings.pop("viewport", {"width": 1280, "height": 720})
        self.context = browser.new_context(viewport=size, offline=True, **settings)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))

    def open(self, path: Path, query: str = "") -> Page:
        self.page.goto(path.as_uri() + query)
        return self.page

    @property
    def foreign(self) -> list[str]:
        """Requests for anything but the first file and what is inside it."""
        return [url for url in self.asked[1:] if not url.startswith("data:")]


@pytest.fixture
def room(browser: Browser):
    rooms = []

    def make(**settings: object) -> Room:
        rooms.append(Room(browser, **settings))
        return rooms[-1]

    yield make
    for one in rooms:
        one.context.close()


@pytest.mark.parametrize(
    ("name", "width"),
    [*((name, 1280) for name in CHAPTERS), *((name, 1920) for name in CHAPTERS[::5])],
)
def test_no_slide_of_a_chapter_stands_out_of_its_frame(name, width, folder, room):
    one = room(viewport={"width": width, "height": width * 9 // 16})
    page = one.open(folder / f"{name}.html", "?print-pdf")
    page.wait_for_selector("html.ready")
    page.wait_for_selector(".frame", state="attached")  # printing lays them out anew
    number, found = page.evaluate(STANDS_OUT)
    assert number > 25
    assert not found
    assert not one.foreign
    assert not one.complaints


def test_a_key_shows_one_lane_large_and_another_all(folder, room):
    page = room().open(folder / f"{CHAPTERS[0]}.html")
    page.wait_for_selector("html.ready")
    triple = page.locator(".slide.kind-triple").first
    page.evaluate("id => { location.hash = '#/' + id }", triple.get_attribute("id"))
    lanes = triple.locator(".lane")
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    shown = [lanes.nth(i).is_visible() for i in range(3)]
    small = lanes.nth(1).evaluate(size)
    page.keyboard.press("2")
    large = lanes.nth(1).evaluate(size)
    alone = [lanes.nth(i).is_visible() for i in range(3)]
    page.keyboard.press("0")
    again = [lanes.nth(i).is_visible() for i in range(3)]
    assert shown == again == [True] * 3
    assert alone == [False, True, False]
    assert large > small
    lanes.nth(2).get_by_role("button").click()
    assert [lanes.nth(i).is_visible() for i in range(3)] == [False, False, True]


def test_keys_go_on_and_a_solution_comes_after_its_task(folder, room):
    page = room().open(folder / f"{CHAPTERS[0]}.html")
    page.wait_for_selector("html.ready")
    page.keyboard.press("ArrowRight")
    assert page.locator(".slide.present .heading").inner_text() == "In short"
    task = page.locator(".slide.kind-task").first.get_attribute("id")
    page.evaluate("id => { location.hash = '#/' + id }", task)
    page.keyboard.press(" ")
    shown = page.locator(".slide.present:not(.stack) .heading").all_inner_texts()
    assert "Solution 1" in shown


def test_dark_and_light_are_the_systems_until_a_key_changes_them(folder, room):
    page = room(color_scheme="dark").open(folder / f"{CHAPTERS[0]}.html")
    page.wait_for_selector("html.ready")
    back = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(back)
    page.keyboard.press("t")
    assert page.evaluate(back) == "rgb(255, 255, 255)" != dark
    page.keyboard.press("t")
    assert page.evaluate(back) == dark


def test_without_javascript_slides_and_notes_stand_below_each_other(folder, room):
    page = room(java_script_enabled=False).open(folder / f"{CHAPTERS[0]}.html")
    places = "all => all.map(one => one.getBoundingClientRect().top)"
    tops = page.locator(".slide").evaluate_all(places)
    assert tops == sorted(tops)
    assert len(set(tops)) == len(tops) > 25
    assert page.locator(".notes").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_slides_are_accessible(scheme, folder, room):
    page = room(color_scheme=scheme).open(folder / f"{CHAPTERS[0]}.html", "?print-pdf")
    page.wait_for_selector("html.ready")
    page.add_script_tag(path=ROOT / "tests/browser/node_modules/axe-core/axe.min.js")
    found = page.evaluate(
        """kinds => {
          const first = kind => document.querySelector(`section.kind-${kind}`);
          const some = kinds.map(first);
          return axe.run({include: some}, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']});
        }""",
        ["title", "text", "cell", "triple", "task"],
    )
    assert len(found["passes"]) > 5
    assert not [
        (problem["id"], problem["nodes"][0]["html"][:120])
        for problem in found["violations"]
    ]
