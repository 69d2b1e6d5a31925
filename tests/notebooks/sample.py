"""A small notebook that keeps every rule, and ways to break it."""

from collections.abc import Callable

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from sidebyside_book.authoring.rules.hygiene import KERNELSPEC
from sidebyside_book.chapter import LANES, SUFFIXES

AIMS = """After this chapter you can

- write a step in each lane
- prove by numbers that three steps are one
- bring the three together

| prerequisite | how much | why |
|---|---|---|
| NumPy | necessary | data is arrays |

It takes about 5 minutes."""
TASK = "In PyTorch it is `sum(x)`. Write `NAME_pt`, `NAME_tf` and `NAME_ks`."
EXERCISE = f"```{{exercise}} TITLE\n:label: ex-NAME\n\n{TASK}\n```"
IMPORTS = {
    "pytorch": "import torch\nfrom torch import nn",
    "tensorflow": "import tensorflow as tf\n\nfrom sidebyside import tfcore",
    "keras": "import keras\n\nfrom sidebyside.lanes import keras as lane_ks",
}
IMPORTED = "import numpy as np\n\nfrom sidebyside import diagrams, parity, plots"
PARAMETERS = "SEED = 0  # 0 to 9; any will do\nN = 4  # 1 to 8; four is enough"
OPERATIONS = {
    "pytorch": "for row in X:\n    seen_pt = torch.tensor(row)",
    "tensorflow": "for row in X:\n    seen_tf = tf.constant(row)",
    "keras": "for row in X:\n    seen_ks = keras.ops.convert_to_tensor(row)",
}
ASKING = {
    lane: f"def ask{suffix}(X):\n    return X" for lane, suffix in SUFFIXES.items()
}
NEW = "| all is new ([the step](#the-step)) |"
SHORT = f""":::{{admonition}} In short
- Steps are {{glue:text}}`the difference` apart.
:::

If you come from ...

| | you will be surprised that |
|---|---|
| **PyTorch** {NEW}
| **TensorFlow core** {NEW}
| **Keras** {NEW}"""
PROOF = """asked = {'pytorch': ask_pt(X), 'tensorflow': ask_tf(X), 'keras': ask_ks(X)}
parity.check('it', {'x': asked}, tolerance=0)"""


def notebook() -> NotebookNode:
    """Return a notebook with which nothing is wrong."""
    cells = [
        text("title", "# A sample\n\n**Does it hold?**"),
        text("short", SHORT),
        text("aims", AIMS),
        code("setup", "%pip install -q sidebyside", "hide-input"),
        text("idea", "## The idea\n\nLook at the four rows."),
        code("imports", f"{IMPORTED}\n\ndiagrams.training_step()"),
        *triple("imports", IMPORTS),
        code("parameters", PARAMETERS, "parameters"),
        code("parameters-check", "parameters.check(globals())"),
        text("data", "## Data\n\nHere it comes from: nowhere."),
        code("data-make", "X = np.full(N, SEED)"),
    ]
    for number in range(8):
        cells.append(text(f"look-{number}-text", "Look at the sum."))
        cells.append(
            code(f"look-{number}", f"total = X.sum() + {number}\nprint(total)")
        )
    cells += [
        text("step", "## The step\n\nLook at the names."),
        *triple("step", OPERATIONS),
        text("ask-text", "Look at what is asked."),
        *triple("ask", ASKING),
        text("parity-text", "They are equal up to rounding."),
        code("parity-check", PROOF, "parity"),
        text("figure-text", "All at a glance."),
        drawn(code("figure", "fig, ax = plots.figure(1)\nax.plot(X)")),
        text("differs", "## What differs\n\nThe names, by 8 × 8 letters and `1e-5`."),
        text("summary", "## Summary\n\n- One step.\n- Equal.\n- Together."),
        text("exercises", "## Exercises\n\nTry first."),
        *exercise("sum", "Translation: the sum"),
        *exercise("guess", "Predict, then run: the guess"),
        *exercise("last", "One more"),
        text("references", "## References\n\n- A book."),
        code("report", "report.show(seed=SEED)"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": dict(KERNELSPEC)})


def text(name: str, source: str, *tags: str) -> NotebookNode:
    """Return a Markdown cell."""
    return new_markdown_cell(source, id=name, metadata=_tagged(tags))


def code(name: str, source: str, *tags: str) -> NotebookNode:
    """Return a code cell."""
    return new_code_cell(source, id=name, metadata=_tagged(tags))


def _tagged(tags: tuple[str, ...]) -> dict[str, list[str]]:
    return {"tags": list(tags)} if tags else {}


def drawn(
    cell: NotebookNode, alt: str = "A line that rises to the right."
) -> NotebookNode:
    """Give a cell the metadata of a figure."""
    image = {"alt": alt, "classes": "dark-light"}
    cell.metadata["mystnb"] = NotebookNode(image=NotebookNode(image))
    return cell


def triple(stem: str, sources: dict[str, str], *tags: str) -> list[NotebookNode]:
    """Return a lane triple."""
    return [
        code(f"{stem}-{lane}", f"# {title}\n{sources[lane]}", f"lane-{lane}", *tags)
        for lane, title in LANES.items()
    ]


def exercise(name: str, title: str) -> list[NotebookNode]:
    """Return an exercise with a solution in all lanes."""
    sources = {lane: f"{name}{suffix} = 1" for lane, suffix in SUFFIXES.items()}
    label = f"ex-{name}"
    task = EXERCISE.replace("TITLE", title).replace("NAME", name)
    check = f"assert {name}_pt == {name}_tf == {name}_ks"
    if name == "sum":
        check = "parity.check('sum', {'sum': [sum_pt, sum_tf, sum_ks]}, tolerance=0)"
    start = f"```{{solution-start}} {label}\n:class: dropdown\n```"
    return [
        text(label, task),
        text(f"{label}-open", start, "solution"),
        *triple(label, sources, "solution"),
        text(f"{label}-close", "```{solution-end}\n```", "solution"),
        code(f"{label}-check", check, "self-check"),
    ]


def asked(name: str) -> str:
    """Return the task of an exercise."""
    return TASK.replace("NAME", name)


Change = Callable[[NotebookNode], None]
"""Breaks a notebook in place."""


def at(notebook: NotebookNode, name: str) -> NotebookNode:
    """Return the cell of this id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def source(name: str, new: str, old: str | None = None) -> Change:
    """Return a change of a cell's source, or of the part `old` of it."""

    def change(notebook: NotebookNode) -> None:
        cell = at(notebook, name)
        assert old is None or old in cell.source
        cell.source = new if old is None else cell.source.replace(old, new)

    return change


def tagged(name: str, *tags: str) -> Change:
    """Return a change that gives a cell these tags instead of its own."""
    return lambda notebook: at(notebook, name).metadata.update(tags=list(tags))


def renamed(name: str, new: str) -> Change:
    """Return a change of a cell's id."""
    return lambda notebook: at(notebook, name).update(id=new)


def removed(*names: str) -> Change:
    """Return a change that takes cells away."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return change


def put_after(name: str, *cells: NotebookNode) -> Change:
    """Return a change that puts cells behind the cell `name`."""

    def change(notebook: NotebookNode) -> None:
        place = notebook.cells.index(at(notebook, name)) + 1
        notebook.cells[place:place] = cells

    return change


def moved(name: str, before: str) -> Change:
    """Return a change that moves a cell to the place right before another."""

    def change(notebook: NotebookNode) -> None:
        cell = at(notebook, name)
        notebook.cells.remove(cell)
        notebook.cells.insert(notebook.cells.index(at(notebook, before)), cell)

    return change


def both(*changes: Change) -> Change:
    """Return several changes as one."""

    def change(notebook: NotebookNode) -> None:
        for one in changes:
            one(notebook)

    return change
