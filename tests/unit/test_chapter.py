"""The one reader of notebooks: cells, lanes, sections, exercises, parameters."""

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from sidebyside_book.chapter import (
    Heading,
    Notebook,
    Task,
    blocks,
    defaults,
    exercises,
    notebook_of,
    parameters,
    read_notebook,
)
from sidebyside_book.chapter import notebook as reader


def text(name: str, source: str, *tags: str) -> nbformat.NotebookNode:
    return v4.new_markdown_cell(source, id=name, metadata={"tags": list(tags)})


def code(name: str, source: str = "x = 1", *tags: str) -> nbformat.NotebookNode:
    return v4.new_code_cell(source, id=name, metadata={"tags": list(tags)})


def made(*cells: nbformat.NotebookNode) -> Notebook:
    return notebook_of(v4.new_notebook(cells=list(cells)), "01_one")


def lane(stem: str, name: str) -> nbformat.NotebookNode:
    return code(f"{stem}-{name}", "x = 1", "solution", f"lane-{name}")


def test_a_cell_has_its_turn_its_lane_and_its_stem() -> None:
    cells = made(
        text("title", "# One"),
        code("empty", " \n"),
        code("first"),
        lane("step", "keras"),
        code("odd-mxnet", "x", "lane-mxnet"),
    ).cells
    assert [cell.turn for cell in cells] == [None, None, 1, 2, 3]
    assert [cell.lane for cell in cells] == [None, None, None, "keras", None]
    assert [cells[3].stem, cells[4].stem] == ["step", "odd-mxnet"]


def test_a_cell_without_an_id_is_named_by_its_place() -> None:
    node = v4.new_notebook(cells=[text("title", "# One"), code("first")])
    del node.cells[1]["id"]
    assert [cell.id for cell in notebook_of(node).cells] == ["title", "cell 1"]


FENCED = "## One `step`\n\n```python\n## no\n```\n\n### Two\n~~~\n# no\n~~~\n#no"


def test_headings_stand_outside_of_fenced_code() -> None:
    first, second = made(text("a", FENCED), code("b", "# no\n## no")).cells
    assert first.headings == [Heading(2, "One `step`"), Heading(3, "Two")]
    assert second.headings == []


def test_sections_begin_at_headings_of_the_second_level() -> None:
    notebook = made(
        text("title", "# One\n\nIs it?"),
        code("above"),
        text("both", "## A\n\n### no\n\n## B"),
        code("below"),
    )
    assert notebook.title == "One"
    assert [(s.title, [c.id for c in s.cells]) for s in notebook.sections] == [
        ("", ["title", "above"]),
        ("A", []),
        ("B", ["both", "below"]),
    ]
    assert [cell.id for cell in notebook.before("both")] == ["title", "above"]
    assert len(notebook.before("nowhere")) == len(notebook.cells)


def test_lane_cells_of_one_stem_are_one_block() -> None:
    cells = [lane("a", "pytorch"), lane("a", "keras"), lane("b", "keras"), code("c")]
    found = blocks(made(*cells, code("d")).cells)
    assert [len(block) for block in found] == [2, 1, 1, 1]


@pytest.mark.parametrize("fence", ["```", "````", ":::"])
def test_the_task_of_an_exercise_is_read(fence: str) -> None:
    source = f"{fence}{{exercise}} Predict it \n:label: ex-a\n\nTwo\n\nlines.\n{fence}"
    [cell] = made(text("ex-a", source)).cells
    assert cell.task == Task("Predict it", "ex-a", "Two\n\nlines.")


@pytest.mark.parametrize(
    "source",
    [
        "Before.\n```{exercise} A\n:label: ex-a\n\nDo.\n```",
        "```{exercise}\n:label: ex-a\n\nDo.\n```",
        "```{exercise} A\n\nDo.\n```",
    ],
)
def test_what_begins_otherwise_is_no_task(source: str) -> None:
    assert made(text("ex-a", source)).cells[0].task is None
    assert made(code("ex-a", "```{exercise} A\n:label: b\n```")).cells[0].task is None


TASK = "```{exercise} A\n:label: ex-a\n\nDo.\n```"


def test_an_exercise_is_task_fold_and_check() -> None:
    fold = [text("open", "o", "solution"), lane("ex-a", "keras")]
    cells = [code("before"), text("ex-a", TASK), *fold, code("ex-a-check")]
    [found] = exercises(made(*cells))
    assert (found.number, found.task.label, found.cell.id) == (1, "ex-a", "ex-a")
    assert [cell.id for cell in found.fold] == ["open", "ex-a-keras"]
    assert [cell.id for cell in found.solution] == ["ex-a-keras"]
    assert found.check.id == "ex-a-check"


@pytest.mark.parametrize("after", [[], [code("other")]])
def test_an_exercise_without_a_check_is_refused(after: list) -> None:
    with pytest.raises(ValueError, match="expected ex-a, its solution, ex-a-check"):
        exercises(made(text("ex-a", TASK), *after))


def test_a_file_is_parsed_once_until_its_text_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = []
    monkeypatch.setattr(
        reader, "notebook_of", lambda node, name: parsed.append(name) or object()
    )
    path = tmp_path / "01_once.ipynb"
    nbformat.write(v4.new_notebook(cells=[text("title", "# Once")]), path)
    assert read_notebook(path) is read_notebook(path)
    assert parsed == ["01_once"]
    nbformat.write(v4.new_notebook(cells=[text("title", "# Then")]), path)
    read_notebook(path)
    assert parsed == ["01_once"] * 2


@pytest.mark.parametrize("content", ["no JSON", "[]", "{}", '{"cells": [{}]}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "01_none.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"expected a notebook, received .*01_none"):
        read_notebook(path)


def test_the_cell_tagged_parameters_is_read_and_no_other() -> None:
    tagged = code("any", "SEED = 0\nHIGH = 2 * 8", "parameters")
    found = parameters(made(code("parameters", "A = 1"), tagged))
    assert [one.text for one in found.values()] == ["0", "2 * 8"]
    assert defaults(found) == {"SEED": 0}
    assert parameters(made(code("parameters", "A = 1"))) == {}
    with pytest.raises(ValueError, match=r"one cell tagged 'parameters'.*received 2"):
        parameters(made(tagged, code("more", "A = 1", "parameters")))


def test_half_an_emoji_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "01_half.ipynb"
    whole = nbformat.writes(v4.new_notebook(cells=[text("title", "# One HERE")]))
    path.write_text(whole.replace("HERE", r"\ud83d\ude00"))
    assert read_notebook(path).title == "One \N{GRINNING FACE}"
    path.write_text(whole.replace("HERE", r"\ud83d"))
    with pytest.raises(ValueError, match=r"expected a notebook, received .*01_half"):
        read_notebook(path)
