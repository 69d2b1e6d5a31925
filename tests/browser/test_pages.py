"""Every page: its requests, its weight, its figures, its accessibility."""

import gzip
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from built_site import CHAPTERS, PAGES, SITE

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
MAX_BYTES = 1_000_000  # compressed, everything that a first visit loads
MAX_SHIFT = 0.05  # cumulative layout shift; below 0.1 counts as good
SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const e of list.getEntries()) sum += e.hadRecentInput ? 0 : e.value;
  }).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 600);
})"""
FIGURES = """() => Promise.all([...document.querySelectorAll('.bd-article img')].map(
  async i => {
    i.loading = 'eager';  // figures further down wait until they are scrolled to
    await i.decode();
    return {alt: i.alt, src: i.src, width: i.naturalWidth};
  }))"""
RUN_AXE = """() => axe.run(document, {resultTypes: ['violations']}).then(result =>
  result.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => {
    const where = v.nodes.slice(0, 3).map(n => n.html.slice(0, 120));
    return `${v.id}: ${v.help}: ${where.join(' | ')}`;
  }))"""
MIN_CONTRAST = 4.5  # WCAG 2.2, 1.4.3; axe does not look into drawings
WORDS_OF_DIAGRAMS = """() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = numbers(colour).slice(0, 3).map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('svg.sidebyside-diagram text')].map(text => {
    const [ink, paper] = [getComputedStyle(text).fill, ground(text)];
    const [low, high] = [light(ink), light(paper)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    return {words: text.textContent, ink, paper, contrast};
  });
}"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_cleanly(visit, path: str) -> None:
    reader = visit()
    loaded: dict[str, int] = {}

    def weigh(response: object) -> None:
        if response.url.startswith(reader.origin):
            loaded[response.url] = len(gzip.compress(response.body()))

    reader.page.on("response", weigh)
    page = reader.open(path, at_rest=True)
    shift = page.evaluate(SHIFT)
    boxes = page.locator("input[type=search], .search-button-field, .search-button")
    assert sum(box.is_visible() for box in boxes.all()) == 1, "one search box"
    assert not reader.foreign, f"requests that leave the site: {reader.foreign}"
    assert not reader.complaints, f"the console says: {reader.complaints}"
    assert sum(loaded.values()) <= MAX_BYTES, f"too heavy: {sum(loaded.values())} bytes"
    assert shift <= MAX_SHIFT, f"layout shift {shift:.3f}"


def kind(path: str) -> str:
    """Return what the pages have in common that are made in the same way."""
    name = Path(path).stem
    if name[:2].isdigit():
        return "chapter"
    return "path" if name.startswith("from_") else name


def views() -> Iterator[tuple[str, int, str]]:
    """Yield page, width and theme: all of them for one page of each kind, else one."""
    seen: set[str] = set()
    for place, path in enumerate(PAGES):
        every = list(product((1280, 390), ("light", "dark")))
        known = kind(path) in seen
        seen.add(kind(path))
        for width, theme in [every[place % len(every)]] if known else every:
            yield path, width, theme


@pytest.mark.parametrize(("path", "width", "theme"), list(views()))
def test_no_serious_barrier(visit, path: str, width: int, theme: str) -> None:
    reader = visit(width)
    reader.page.emulate_media(color_scheme=theme)
    page = reader.open(path)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    page.add_script_tag(path=AXE)
    assert not (found := page.evaluate(RUN_AXE)), "\n".join(found)


@pytest.mark.parametrize("path", CHAPTERS)
def test_words_of_a_diagram_stand_out(visit, path: str) -> None:
    reader = visit(390)
    for theme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=theme)
        words = reader.open(path).evaluate(WORDS_OF_DIAGRAMS)
        pale = [word for word in words if word["contrast"] < MIN_CONTRAST]
        assert not pale, (theme, pale[:3])


def test_search_finds_a_chapter(visit) -> None:
    reader = visit()
    page = reader.open("search.html?q=gradient", at_rest=True)
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() >= 1
    assert not reader.foreign


def test_figures_are_described_and_loaded(chapter) -> None:
    _, page = chapter
    figures = page.evaluate(FIGURES)
    assert figures, "a chapter has at least one figure"
    for figure in figures:
        assert figure["width"] > 0, f"{figure['src']} did not load"
        assert len(figure["alt"]) >= 20, f"expected a description: {figure}"
        assert not figure["alt"].startswith("_images"), figure


def test_the_foot_says_when_and_with_what(chapter) -> None:
    _, page = chapter
    foot = page.locator(".last-verified")
    text = foot.inner_text()
    for word in ("Last verified", "PyTorch", "TensorFlow", "Keras", "Seed", "passed"):
        assert word in text, f"the foot lacks {word!r}: {text}"


def test_colab_and_download_lead_to_the_notebook(chapter, origin: str) -> None:
    path, page = chapter
    name = Path(path).stem
    links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    colab = [link for link in links if "colab.research.google.com" in link]
    assert colab, "no Colab button"
    assert colab[0].endswith(f"/blob/main/chapters/{name}.ipynb")
    download = [link for link in links if link.endswith(f"{name}.ipynb")]
    local = [link for link in download if link.startswith(origin)]
    assert local, f"no download of the notebook among {download}"
    file = SITE / local[0].split("/", 3)[3]
    notebook = json.loads(file.read_text(encoding="utf-8"))
    outputs = [c for c in notebook["cells"] if c.get("outputs")]
    assert notebook["nbformat"] == 4
    assert not outputs, "the download is the plain notebook, without outputs"
