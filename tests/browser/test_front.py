"""The front page: what a visitor sees first, what it weighs, and that nothing moves."""

import gzip

import pytest
from test_pages import AXE, RUN_AXE, SHIFT

pytestmark = pytest.mark.browser
FRONT = "index.html"
LANES = ["pytorch", "tensorflow", "keras"]
SIZES = [(1280, 800), (390, 844)]
MAX_BYTES = 300_000  # compressed, all that a first visit loads
MAX_SHIFT = 0.0001
BODY = ".one-task .sd-tab-content.lane-{}"
BOTTOM = "e => e.getBoundingClientRect().bottom"


def bodies(page) -> list[str]:
    """Return the lanes whose programs are seen."""
    return [lane for lane in LANES if page.locator(BODY.format(lane)).is_visible()]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_whole_task_and_its_proof_are_seen_at_once(visit, width, height) -> None:
    page = visit(width, height).open(FRONT)
    for part in ("h1", ".tagline", ".one-task .about", ".one-task .proven"):
        assert page.locator(part).first.evaluate(BOTTOM) <= height, part
    for lane in bodies(page):
        code = page.locator(f"{BODY.format(lane)} pre")
        assert code.evaluate("e => e.scrollWidth <= e.clientWidth"), "code is cut off"
        wrapped = code.evaluate(
            "e => e.scrollHeight / parseFloat(getComputedStyle(e).lineHeight)"
        )
        assert wrapped < len(code.inner_text().splitlines()) + 2, "a line is broken"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_doors_begin_above_the_fold(visit) -> None:
    page = visit(1280, 800).open(FRONT)
    top = page.locator(".doors").evaluate("e => e.getBoundingClientRect().top")
    assert top < 760


def test_a_wide_window_has_columns_without_a_script(visit) -> None:
    page = visit(1280, 800, java_script_enabled=False).open(FRONT)
    assert bodies(page) == LANES
    tops = [page.locator(BODY.format(lane)).bounding_box()["y"] for lane in LANES]
    assert len(set(map(round, tops))) == 1
    labels = [box["y"] for box in map(_box, page.locator(".one-task label").all())]
    assert len(set(map(round, labels))) == 1


def _box(locator) -> dict[str, float]:
    return locator.bounding_box()


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_has_tabs(visit, script: bool) -> None:
    page = visit(390, 844, java_script_enabled=script).open(FRONT)
    assert bodies(page) == ["pytorch"]
    for lane in reversed(LANES):
        page.locator(f".one-task label.lane-{lane}").click()
        assert bodies(page) == [lane]
    page.locator(".one-task input").first.focus()
    page.keyboard.press("ArrowRight")
    assert bodies(page) == ["tensorflow"]


def test_a_lane_that_was_chosen_elsewhere_is_shown_first(visit) -> None:
    reader = visit(390, 844)
    reader.open("chapters/one_task.html?lane=keras")
    assert bodies(reader.open(FRONT)) == ["keras"]


def test_paper_has_all_three_programs_and_what_differs(visit) -> None:
    page = visit().open(FRONT)
    page.emulate_media(media="print")
    assert bodies(page) == LANES
    marks = page.locator(".one-task mark.differs")
    assert marks.count() >= len(LANES)
    for mark in marks.all():
        style = mark.evaluate("e => getComputedStyle(e).textDecorationLine")
        assert style == "underline", "without colour, a line says it"


def test_the_code_is_that_of_the_executed_page_and_so_is_the_number(visit) -> None:
    reader = visit()
    page = reader.open(FRONT)
    shown = page.locator(".one-task pre").all_inner_texts()
    said = page.locator(".one-task .proven").inner_text()
    page = reader.open("chapters/one_task.html")
    ran = page.locator("#lanes-program .cell_input pre")
    assert [text.strip() for text in shown] == [
        pre.text_content().strip() for pre in ran.all()
    ]
    row = page.locator("#cell-proof-weights tbody tr")
    what, worst = row.locator("th, td").all_inner_texts()[:2]
    assert f"the {what} differ by at most {worst} of the largest weight" in said


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_first_visit_is_light_and_nothing_moves(visit, width, height) -> None:
    reader = visit(width, height)
    loaded: dict[str, int] = {}
    reader.page.on(
        "response", lambda r: loaded.update({r.url: len(gzip.compress(r.body()))})
    )
    page = reader.open(FRONT, at_rest=True)
    assert page.evaluate(SHIFT) <= MAX_SHIFT
    assert sum(loaded.values()) <= MAX_BYTES, loaded
    assert not reader.foreign
    assert not reader.complaints


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_barrier_of_any_weight(visit, width, height, theme: str) -> None:
    reader = visit(width, height)
    reader.page.emulate_media(color_scheme=theme)
    page = reader.open(FRONT)
    page.add_script_tag(path=AXE)
    barriers = page.evaluate(
        RUN_AXE.replace("['serious', 'critical'].includes", "Boolean")
    )
    assert not barriers, "\n".join(barriers)


def test_the_index_of_the_search_is_not_loaded_before_it_is_asked(visit) -> None:
    reader = visit()
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.open(FRONT, at_rest=True)
    assert not [url for url in asked if "searchindex" in url]


def test_every_chapter_has_a_picture_or_a_tile_of_one_size(visit) -> None:
    page = visit().open(FRONT)
    sizes = set()
    for picture in page.locator(".chapter-cards :is(img, .no-picture)").all():
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        sizes.add((round(box["width"]), round(box["height"])))
    assert len(sizes) == 1
    for image in page.locator(".chapter-cards img").all():
        assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") == 320
        assert len(image.get_attribute("alt")) >= 20


def test_parts_fold_in_the_sidebar_without_a_script(visit) -> None:
    reader = visit(1280, 800, java_script_enabled=False)
    page = reader.open(FRONT)
    folds = page.locator(".bd-sidebar-primary li.toctree-l0 > details")
    assert folds.count() >= 5
    pages = page.locator(".bd-sidebar-primary li.toctree-l0 li > a")
    assert pages.count() > 20
    assert not [link for link in pages.all() if link.is_visible()]
    first = folds.first
    first.locator("> summary").click()
    assert first.locator("li.toctree-l1 > a").first.is_visible()


def test_only_the_part_of_the_page_is_open(visit) -> None:
    page = visit(1280, 800).open("chapters/04_training_loop.html")
    fold = ".bd-sidebar-primary li.toctree-l0 > details"
    assert page.locator(f"{fold}[open]").count() == 1
    assert page.locator(f"{fold}[open] li.current > a").first.is_visible()
    names = page.locator(f"{fold} > summary").all()
    assert all(not name.get_attribute("aria-label") for name in names)
    assert all(name.inner_text().strip() for name in names)
