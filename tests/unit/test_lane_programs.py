"""One lane of a chapter is cut out, with what it needs and nothing else."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import sample
from nbformat import v4

from sidebyside._files import data_file
from sidebyside_book.chapter import LANES, Notebook, notebook_of
from sidebyside_book.cli import main
from sidebyside_book.editions.lanes import helpers, prose
from sidebyside_book.editions.lanes.cut import compared, cut
from sidebyside_book.editions.lanes.helpers import Piece
from sidebyside_book.editions.lanes.program import (
    as_notebook,
    as_python,
    printing,
    program,
)
from sidebyside_book.editions.lanes.source import refs, replace
from sidebyside_book.editions.places import places

BOOK = Path(__file__).parents[2]
WHERE = places(BOOK, ".ipynb", ())
IMPORTS = {
    "pytorch": "import json as torch",
    "tensorflow": "with quiet():\n    import csv as tf",
    "keras": "import string as keras",
}
STEPS = {
    "pytorch": "seen_pt = [torch.dumps(x) for x in X]",
    "tensorflow": "seen_tf = [tf.QUOTE_ALL for x in X]",
    "keras": "seen_ks = [keras.digits for x in X]",
}


def chapter(*cells, name: str = "01_small") -> Notebook:
    """Return a chapter of these cells, below a title, imports and data."""
    shared = "import numpy as np\n\nfrom sidebyside import parity, quiet, report"
    above = [
        sample.text("title", "# Small\n\n**How?**"),
        sample.code("setup", '%pip install -q "git+https://a.b/c"\nversions.check(1)'),
        sample.code("imports", shared),
        *sample.triple("imports", IMPORTS),
        sample.text("data", "## Data"),
        sample.code("data-make", "X = np.arange(3)  # (N,)"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    node = v4.new_notebook(cells=[*above, *cells], metadata=kernel)
    return notebook_of(node, name)


def text_of(notebook: Notebook, lane: str, *, standalone: bool = False) -> str:
    return as_python(program(notebook, lane, WHERE, standalone=standalone))


def ids(notebook: Notebook, lane: str) -> list[str]:
    return [cell.id for cell in cut(notebook, lane).cells]


@pytest.mark.parametrize("lane", LANES)
def test_a_lane_has_its_own_cells_and_those_of_no_lane(lane):
    made = chapter(*sample.triple("step", STEPS))
    shared = ["imports", f"imports-{lane}", "data-make"]
    assert ids(made, lane) == [*shared, f"step-{lane}"]
    assert not cut(made, lane).problems


@pytest.mark.parametrize("tag", ["compare", "parity", "self-check", "solution"])
def test_what_compares_proves_or_solves_stays_out(tag):
    made = chapter(sample.code("after", "print(X)", tag))
    assert "after" not in ids(made, "keras")
    assert "after" in ids(chapter(sample.code("after", "print(X)")), "keras")


def test_a_cell_that_reads_several_lanes_counts_as_compare_and_is_named():
    steps = sample.triple("step", STEPS)
    both = sample.code("both", "both = seen_pt + seen_ks")
    below = sample.code("below", "print(both)")
    found = compared(chapter(*steps, both, below))
    assert {cell: [need.name for need in needs] for cell, needs in found.items()} == {
        "both": ["seen_ks", "seen_pt"],
        "below": ["both"],
    }


def test_a_cell_that_reads_one_lane_goes_with_that_lane():
    made = chapter(*sample.triple("step", STEPS), sample.code("look", "print(seen_tf)"))
    assert [lane for lane in LANES if "look" in ids(made, lane)] == ["tensorflow"]
    assert not compared(made)


def test_a_cell_that_imports_a_framework_goes_with_that_lane():
    made = chapter(sample.code("look", "import torch.nn\n\nprint(torch.nn)"))
    assert [lane for lane in LANES if "look" in ids(made, lane)] == ["pytorch"]


def test_a_lanes_own_cell_about_a_seam_may_import_another_framework():
    seam = "# Keras\ndef ask():\n    import tensorflow as tf\n\n    return tf"
    cells = sample.triple("seam", {**STEPS, "keras": seam})
    refused = cut(chapter(*cells), "keras").problems
    assert [need.name for need in refused["seam-keras"]] == ["tf"]
    cells[2].metadata["tags"].append("seam")
    assert not cut(chapter(*cells), "keras").problems


def test_what_a_function_reads_may_be_bound_below_it():
    late = sample.code("late", "def call():\n    return given")
    made = chapter(late, sample.code("given", "given = 1"))
    assert ids(made, "keras")[-2:] == ["late", "given"]


def test_a_lane_that_needs_what_stayed_out_is_a_problem_with_its_name():
    steps = {lane: f"{STEPS[lane]}\nstart" for lane in LANES}
    made = chapter(
        sample.code("start", "start = 1", "compare"), *sample.triple("step", steps)
    )
    [(cell, [need])] = cut(made, "keras").problems.items()
    assert (cell, need.name, need.cells) == ("step-keras", "start", ("start",))
    with pytest.raises(
        ValueError, match=r"01_small: keras: step-keras: .* 'start', which only"
    ):
        program(made, "keras", WHERE, standalone=False)


def test_a_name_that_nothing_binds_is_a_problem():
    made = chapter(sample.code("look", "print(nowhere)"))
    with pytest.raises(ValueError, match=r"01_small: keras: .* received \['nowhere'\]"):
        program(made, "keras", WHERE, standalone=False)


def test_what_the_set_up_imports_falls_away():
    setup = "from sidebyside import versions\n\nversions.check(book='0.1.0')"
    made = chapter(sample.code("need", "versions.require('jax')\nprint(X)"))
    made.get("setup").node.source = setup
    made = notebook_of(made.node, made.name)
    assert "versions" not in text_of(made, "keras")


def test_an_unknown_lane_is_refused():
    with pytest.raises(
        ValueError, match=r"expected one of .*'keras'.*, received 'jax'"
    ):
        cut(chapter(), "jax")


def fallen(source: str) -> str:
    """Return what stays of a cell below the imports of a chapter."""
    known = helpers.meanings(
        "from sidebyside import datasets, parity, plots, quiet, report\n"
        "from sidebyside.lanes import keras as lane_ks"
    )
    [piece], _ = helpers.without_book([Piece("cell", source)], known)
    return piece.source.strip()


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ("report.show(seed=0)", ""),
        ("def f():\n    report.show()", "def f():\n    pass"),
        ("a = 1\n# the proof\nok = parity.check(a)\nprint(ok)\nb = 2", "a = 1\nb = 2"),
        ("with lane_ks.watch(m) as seen:\n    # go\n    run()", "# go\nrun()"),
        ("with quiet():\n    import json\n\nimport re", "import json\n\nimport re"),
        ("def p():\n    return lane_ks.probe(m)\n\n\nq = p()\nr = 1", "r = 1"),
        ("def f(parity):\n    return parity.check", None),
        ("seen = parity.x\nseen = 1\nprint(seen)", "seen = 1\nprint(seen)"),
        ("get_ipython().run_line_magic('pip', '')\na = 1", "a = 1"),
        ("with quiet(), open(p) as f:\n    f.read()", None),
        (
            "fig, ax = plots.figure(1)\ndatasets.describe(a=ax)",
            "fig, ax = plots.figure(1)",
        ),
    ],
)
def test_helpers_of_the_book_fall_away_with_what_needs_them(source, stays):
    assert fallen(source) == (source if stays is None else stays)


def test_reads_are_told_from_names_of_a_function():
    source = (
        "def f(a, b=c):\n    d = e.g\n    return [h for h in a + d]\n\n\nk = f.l(m)"
    )
    found = [(r.name, r.attribute, r.later) for r in refs(ast.parse(source))]
    assert found == [
        ("c", "", False),
        ("e", "g", True),
        ("f", "l", False),
        ("m", "", False),
    ]


def test_a_replacement_keeps_what_stands_beside_it():
    source = "y = 'é', plots.figure(1)  # à"
    [ref] = [r for r in refs(ast.parse(source)) if r.attribute]
    assert replace(source, [(ref.node, "figure")]) == "y = 'é', figure(1)  # à"


HELPERS = """\
from sidebyside import batches, datasets, plots

stream = batches.IndexBatches(5, 2, seed=0)
X, y = datasets.load_digits("train")
size = len(X)  # 1,437
curves = plots.LANES


def draw(values):
    plots.curves(None, values)
"""


def test_helpers_are_written_in_with_what_they_need_and_nothing_else():
    made = text_of(chapter(sample.code("use", HELPERS)), "pytorch", standalone=True)
    tree = ast.parse(made)
    defined = {getattr(node, "name", "") for node in tree.body}
    assert {"IndexBatches", "load_digits", "load_images", "Images"} <= defined
    assert not defined & {"load_diabetes", "figure", "Reviews", "describe"}
    assert "plots_curves" in defined, "curves is a name of the program"
    assert "stream = IndexBatches(5, 2, seed=0)" in made
    assert "    plots_curves(None, values)" in made
    assert "size = len(X)  # 1,437" in made
    assert "sidebyside" not in {name.split(".")[0] for name in imported(tree)}


def imported(tree: ast.Module) -> set[str]:
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    return {
        n.module if isinstance(n, ast.ImportFrom) else n.names[0].name for n in nodes
    }


def run(source: str, folder: Path) -> str:
    """Run a program where `sidebyside` can't be imported, and return what it prints."""
    (folder / "program.py").write_text(source, encoding="utf-8")
    block = "import runpy, sys; sys.modules['sidebyside'] = None; sys.path.pop(0); "
    ran = subprocess.run(
        [sys.executable, "-c", block + "runpy.run_path('program.py')"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_a_program_with_its_helpers_runs_without_the_package(tmp_path):
    told = "print([len(batch) for batch in stream.epoch(0)], X.shape, X.dtype)"
    made = chapter(sample.code("use", HELPERS), sample.code("say", told))
    said = run(text_of(made, "pytorch", standalone=True), tmp_path)
    assert said == "[2, 2, 1] (1437, 8, 8, 1) float32\n"


@pytest.mark.slow
def test_a_program_reads_the_data_that_lie_beside_it(tmp_path):
    shutil.copy(data_file("fashion_mnist_part.npz"), tmp_path)
    load = "from sidebyside import datasets\n\nX = datasets.load_images('fashion-part')"
    made = chapter(sample.code("load", f"{load}\nprint(X.X_train.shape)"))
    said = run(text_of(made, "pytorch", standalone=True), tmp_path)
    assert said == "(6000, 28, 28, 1)\n"


def test_a_helper_has_no_name_that_another_helper_uses_inside():
    source = "from sidebyside import timing\n\ntiming.race('a', {'b': print})"
    made = text_of(chapter(sample.code("use", source)), "pytorch", standalone=True)
    assert "    threads = report_threads()\n" in made


def test_a_helper_that_reads_the_books_files_is_refused():
    source = "from sidebyside._files import data_file\n\nprint(data_file('a'))"
    with pytest.raises(
        ValueError, match=r"no files of the book, received sidebyside\._files"
    ):
        text_of(chapter(sample.code("use", source)), "keras", standalone=True)


def test_a_module_of_helpers_as_a_value_is_refused():
    source = "from sidebyside import plots\n\nall_of_it = [plots]"
    with pytest.raises(ValueError, match="received the module itself"):
        text_of(chapter(sample.code("use", source)), "keras", standalone=True)


def test_the_head_says_whence_and_has_all_imports_sorted_and_needed():
    made = text_of(chapter(*sample.triple("step", STEPS)), "pytorch")
    lines = made.splitlines()
    assert lines[0].startswith(
        '# From "Small", chapter 01 of Side by Side: PyTorch\'s lane'
    )
    assert "/chapters/01_small" in lines[0]
    assert "BSD 3-Clause" in lines[1]
    assert "import json as torch" in lines[3:5]
    body = ast.parse(made).body
    kinds = [isinstance(node, ast.Import | ast.ImportFrom) for node in body]
    assert kinds == sorted(kinds, reverse=True), "imports come first"
    assert "quiet" not in made, "nothing imports what nothing reads"
    assert "%pip" not in made


def test_a_program_may_import_nothing():
    bare = notebook_of(v4.new_notebook(cells=[sample.code("one", "print(1)")]), "01_a")
    assert text_of(bare, "pytorch").splitlines()[-1] == "print(1)"


def test_what_a_framework_reads_at_its_import_is_set_before():
    made = text_of(chapter(*sample.triple("step", STEPS)), "keras")
    assert made.index("KERAS_BACKEND") < made.index("import string as keras")
    assert made.count("import os\n") == 1


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("a = 1\na", "a = 1\nprint(a)"),
        ("{\n    1: 2\n}", "print({\n    1: 2\n})"),
        ("f(1)", "f(1)"),
        ("a = 1", "a = 1"),
        ("", ""),
    ],
)
def test_what_a_cell_shows_is_printed(source, printed):
    assert printing(source) == printed


MARKDOWN = """\
(label)=
## The *loss* of `f`

One **word** and [a chapter](04_training_loop), [a page](https://a.b/c), {ref}`label`.
It goes on.

| PyTorch | Keras |
|---|---|
| a | b |

:::{note}
Not here.
:::

```{exercise} Nor here
:label: x
```

![a figure](a.svg)

- a * b and 2 * 3
- two

$$
x^2
$$
"""


def test_prose_becomes_plain_comments():
    assert prose.comment(MARKDOWN).splitlines() == [
        "# The loss of `f`",
        "# ---------------",
        "#",
        "# One word and a chapter, a page <https://a.b/c>, `label`. It goes on.",
        "#",
        "# - a * b and 2 * 3",
        "# - two",
        "#",
        "#     $$",
        "#     x^2",
        "#     $$",
    ]


def test_prose_goes_with_the_code_below_it():
    made = chapter(
        sample.text("step", "## Step\n\nFor all."),
        *sample.triple("step", STEPS),
        sample.text("both-text", "Of both."),
        sample.code("both", "print(seen_pt, seen_ks)"),
        sample.text("proof", "## Proof\n\nNo."),
        sample.code("proof-check", "parity.check()", "parity"),
        sample.text("theory", "## Theory\n\nYes."),
        sample.text("summary", "## Summary\n\n- No."),
        *sample.exercise("sum", "One"),
    )
    kept = prose.kept(made, cut(made, "keras").cells, "keras")
    assert [cell.id for cell in kept] == ["title", "data", "step", "theory"]


def test_the_notebook_holds_the_same_code_as_the_program():
    made = program(
        chapter(*sample.triple("step", STEPS)), "keras", WHERE, standalone=True
    )
    node = as_notebook(
        made, nbformat.from_dict({"name": "python3", "display_name": "P"})
    )
    nbformat.validate(node)
    code = [cell.source for cell in node.cells if cell.cell_type == "code"]
    assert all(source in as_python(made) for source in code)
    assert STEPS["keras"] in code[-1]
    assert node.cells[0].source.startswith('*From "Small", chapter 01')


def test_the_notebook_installs_the_helpers_that_it_needs():
    source = "from sidebyside import batches\n\nprint(batches.IndexBatches)"
    notebook = chapter(sample.code("use", source))
    kernel = nbformat.from_dict({"name": "python3", "display_name": "P"})
    for standalone in (False, True):
        made = program(notebook, "keras", WHERE, standalone=standalone)
        sources = [cell.source for cell in as_notebook(made, kernel).cells]
        asks = any('%pip install -q "git+https://a.b/c"' in s for s in sources)
        assert asks is not standalone


@pytest.fixture
def small_book(tmp_path: Path) -> Path:
    """Return a book of one chapter with a lane that can't be cut."""
    (tmp_path / "chapters").mkdir()
    shutil.copy(BOOK / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: chapters/01_small\n")
    steps = {**STEPS, "keras": "print(seen)"}
    cells = [
        sample.code("seen", "seen = 1", "compare"),
        *sample.triple("step", steps),
        sample.code("both", "print(seen_pt, seen_tf)"),
    ]
    nbformat.write(chapter(*cells).node, tmp_path / "chapters/01_small.ipynb")
    return tmp_path


def test_the_command_writes_what_runs_alone_and_names_the_rest(small_book, capsys):
    out = small_book / "out"
    status = main(["lanes", "01", "--book", str(small_book), "--out", str(out)])
    said = capsys.readouterr()
    assert status == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "01_small.pytorch.ipynb",
        "01_small.pytorch.py",
        "01_small.tensorflow.ipynb",
        "01_small.tensorflow.py",
    ]
    assert (
        "01_small: both: counts as `compare`, for it reads seen_pt, seen_tf" in said.out
    )
    assert "01_small: keras: step-keras: " in said.err
    assert "received 'seen', which only seen binds" in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["99"], "01_tensors"),
        (["rosetta"], "expected chapters with lanes"),
    ],
)
def test_a_wrong_command_writes_nothing(arguments, message, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["lanes", *arguments, "--book", str(BOOK), "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()
