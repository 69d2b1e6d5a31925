"""The front page and the gallery, made from pages that were executed."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode, v4
from PIL import Image
from tiny_book import KERNEL, PARITY, code, failed, record, report, text

from sidebyside import diagrams
from sidebyside_book.website import failed as failed_pages

LANES = ["pytorch", "tensorflow", "keras"]
PROVEN = PARITY | {
    "dtype": "float64",
    "rungs": [{"rung": "weights after 7 steps", "worst": 2.5e-16}],
}
PROOF = code("proof-weights", "parity.check(rows)", record(PROVEN))
PICTURES = Path("_static/sidebyside/pictures")
Front = Callable[..., tuple[str, Tag]]


def program(lane: str, printed: str = "loss 1") -> NotebookNode:
    """Return a lane's whole program, executed."""
    outputs = [v4.new_output("stream", text=f"{printed}\n")] if printed else []
    source = f"# {lane}\n# differs: a < b\nprint(loss)"
    return code(f"program-{lane}", source, *outputs, tags=[f"lane-{lane}"])


def drawn(name: str = "picture") -> NotebookNode:
    """Return a cell that drew a diagram."""
    html = diagrams.training_step().svg()
    output = v4.new_output("display_data", {"text/html": html})
    return code(name, "diagrams.training_step()", output)


def plotted(alt: str) -> NotebookNode:
    """Return a cell that drew a figure of 640 by 400 pixels."""
    file = io.BytesIO()
    Image.new("RGB", (640, 400), "navy").save(file, "PNG")
    data = {"image/png": base64.b64encode(file.getvalue()).decode()}
    image = {"alt": alt} if alt else {}
    output = v4.new_output("display_data", data)
    return code("figure", "plot()", output, mystnb={"image": image})


@pytest.fixture
def front(book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    """Return a function that builds a front page of parts, and notebooks by name."""
    source = tmp_path / "book"

    def build(
        parts: str, stops: str = "", **notebooks: list[NotebookNode]
    ) -> tuple[str, Tag]:
        body = "".join(f"```{{evidence}} {part}\n```\n\n" for part in parts.split())
        trees = "".join(
            f"```{{toctree}}\n:caption: Part {name[:1]}\n{name}\n```\n"
            for name in notebooks
        )
        index = f"# B\n\n{body}\n```{{toctree}}\nchapter\n```\n{trees}"
        (source / "index.md").write_text(index)
        kept = {}
        for name, cells in notebooks.items():
            whole = [
                text("title", f"# Title {name}\n\n**Which one?**"),
                *cells,
                report(),
            ]
            runs = [cell for cell in whole if cell.cell_type == "code"]
            for count, cell in enumerate(runs, 1):
                cell.execution_count = count
            path = source / f"{name}.ipynb"
            path.write_text(v4.writes(v4.new_notebook(cells=whole, metadata=KERNEL)))
            if stops in [cell.id for cell in whole]:
                kept[name] = failed(*whole, at=stops)
        monkeypatch.setattr(failed_pages, "of_book", lambda *_: kept)
        warnings = book(report()).warnings
        html = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
        return warnings, BeautifulSoup(html, "html.parser").select_one("article")

    return build


def test_the_task_is_shown_as_it_ran_with_its_number(front) -> None:
    cells = [*map(program, LANES), PROOF]
    warnings, page = front("one-task", one_task=cells)
    assert not warnings
    task = page.select_one(".one-task")
    labels = [label["data-sync-id"] for label in task.select("label")]
    assert labels == LANES
    shown = [code.text for code in task.select("pre")]
    assert shown == [cell.source for cell in cells[:3]]
    assert [mark.text for mark in task.select("mark")] == 3 * ["# differs: a < b"]
    assert [printed.text for printed in task.select("samp")] == 3 * ["loss 1"]
    said = " ".join(task.select_one(".proven").text.split())
    assert "the weights after 7 steps differ by at most 2.50e-16 of" in said
    assert task.select_one(".proven a")["href"] == "one_task.html#cell-proof-weights"


def test_lanes_keep_their_order_whatever_the_order_of_the_cells(front) -> None:
    _, page = front("one-task", one_task=[*map(program, reversed(LANES)), PROOF])
    inputs = [choice["id"] for choice in page.select(".one-task input")]
    assert inputs == [f"one-task-{lane}" for lane in LANES]
    assert [i.has_attr("checked") for i in page.select(".one-task input")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ([*map(program, LANES)], "expected a parity record in float64"),
        ([*map(program, LANES[:2]), PROOF], "received ['pytorch', 'tensorflow']"),
        (
            [*map(program, LANES[:2]), program("keras", ""), PROOF],
            "expected that the program in Keras prints something",
        ),
        (
            [
                *map(program, LANES),
                code("p", "c()", record(PROVEN | {"passed": False})),
            ],
            "expected a parity record in float64",
        ),
        (
            [*map(program, LANES), code("p", "c()", record(PROVEN | {"dtype": "x"}))],
            "expected a parity record in float64",
        ),
    ],
)
def test_a_task_that_is_not_whole_or_not_proven_fails_the_build(
    front, cells, warning
) -> None:
    warnings, page = front("one-task", one_task=cells)
    assert "sidebyside.front" in warnings
    assert warning in warnings
    assert bool(page.select(".proven")) == (PROOF in cells)


def test_a_front_page_without_its_task_fails_the_build(front) -> None:
    warnings, page = front("one-task")
    assert "expected a page 'one_task', received none" in warnings
    assert not page.select(".one-task")


def test_a_task_that_failed_says_that_nothing_was_compared(front) -> None:
    cells = [*map(program, LANES), PROOF]
    warnings, page = front(
        "failures one-task chapters", stops="program-keras", one_task=cells
    )
    assert not warnings
    note = page.select_one(".sidebyside-missing").text
    assert "So the three programs at the top were not compared." in note
    assert not page.select(".proven")
    assert page.select_one(".not-proven a")["href"] == "one_task.html"
    assert [pre.text for pre in page.select("pre")] == [c.source for c in cells[:3]]


def test_another_chapter_that_failed_takes_nothing_from_the_task(front) -> None:
    chapter = [code("stops", "raise ValueError"), drawn()]
    cells = [*map(program, LANES), PROOF]
    parts = "failures one-task chapters"
    warnings, page = front(parts, stops="stops", one_task=cells, **{"01_x": chapter})
    assert not warnings
    note = page.select_one(".sidebyside-missing").text
    assert "Title 01_x" in note
    assert "not compared" not in note
    assert page.select(".proven")
    assert page.select_one(".chapter-cards .no-picture").text == "01"


def test_each_chapter_has_a_picture_from_its_own_output(front, tmp_path) -> None:
    seen = "A dark rectangle that fills the figure."
    chapters = {
        "01_a": [drawn(), plotted(seen)],
        "02_b": [plotted(seen), drawn()],
        "03_c": [code("none", "1")],
        "04_d": [plotted(""), drawn()],
    }
    warnings, page = front("chapters", **chapters)
    assert not warnings
    cards = page.select(".chapter-cards li")
    files = [card.img["src"] if card.img else None for card in cards]
    where = PICTURES.as_posix()
    assert files == [
        f"{where}/01_a.svg",
        f"{where}/02_b.webp",
        None,
        f"{where}/04_d.svg",
    ]
    assert cards[1].img["alt"] == seen
    assert cards[0].img["alt"].startswith("A run of training, and who does what. A run")
    assert cards[2].select_one(".no-picture").text == "03"
    for card in (cards[0], cards[1]):
        size = card.img["width"], card.img["height"], card.img["loading"]
        assert size == ("320", "200", "lazy")
    with Image.open(tmp_path / "html" / files[1]) as small:
        assert small.size == (320, 200)
    assert [card.select("p")[-1].text for card in cards] == 4 * ["Which one?"]


def test_a_picture_goes_when_its_chapter_draws_none_any_more(front, tmp_path) -> None:
    front("chapters", **{"01_a": [drawn()]})
    assert [file.name for file in (tmp_path / "html" / PICTURES).iterdir()] == [
        "01_a.svg"
    ]
    _, page = front("chapters", **{"01_a": [code("none", "1")]})
    assert not list((tmp_path / "html" / PICTURES).iterdir())
    assert not page.select(".chapter-cards img")


def test_chapters_stand_in_the_parts_of_the_table_of_contents(front) -> None:
    chapters = {name: [code("none", "1")] for name in ("11_a", "12_b", "21_c")}
    _, page = front("chapters", **chapters)
    cards = page.select(".chapter-cards li")
    assert [card.select_one(".part").text for card in cards] == [
        "Part 1",
        "Part 1",
        "Part 2",
    ]
    assert [card.a["href"] for card in cards] == [f"{name}.html" for name in chapters]


def test_the_gallery_shows_every_diagram_with_its_words_and_cells(front) -> None:
    _, page = front("gallery", **{"01_a": [drawn("idea")], "02_b": [code("x", "1")]})
    assert [part["id"] for part in page.select(".gallery-diagram")] == sorted(
        diagrams.ALL
    )
    shown = page.select_one("#training_step")
    made = diagrams.training_step()
    assert shown.h2.text.startswith(made.title)
    assert made.description in shown.text
    assert shown.svg["aria-label"].startswith(made.title)
    assert shown.code.text == "diagrams.training_step()"
    assert [a["href"] for a in shown.select("dd a")] == ["01_a.html#cell-idea"]
    assert "code/sidebyside/diagrams/training_step.py" in shown.text
    assert "no page yet" in page.select_one("#keras_levels").text


def test_a_new_diagram_appears_in_the_gallery_by_itself(front, monkeypatch) -> None:
    def new() -> diagrams.Diagram:
        return diagrams.Diagram("A new one", 40 * "words ", height=50)

    monkeypatch.setitem(diagrams.ALL, "new", new)
    _, page = front("gallery")
    assert page.select_one("#new h2").text.startswith("A new one")
