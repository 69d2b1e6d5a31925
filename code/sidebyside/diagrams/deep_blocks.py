"""Three forms of a block that is stacked many times: plain, layer norm, residual."""

from sidebyside.diagrams._draw import Diagram

FORMS = (
    ("plain", ("ReLU", "dense"), "both sizes change\nby a factor"),
    ("layer norm", ("layer norm", "ReLU", "dense"), "size set anew\nin each block"),
    ("residual", ("ReLU", "dense", "× s"), "both also pass\nunchanged"),
)
"""The form, what its branch does, and what becomes of signals and gradients."""
COLUMN, LEFT, HALF = 126.0, 66.0, 38.0
TOP, STEP, BOX, END = 62.0, 44.0, 26.0, 224.0
"""The first part, from part to part, their height, where H leaves [units]."""


def deep_blocks() -> Diagram:
    """Return the diagram of the forms: a column each, from the input to the output."""
    diagram = Diagram(
        "Three forms of a block",
        "Three columns, each with H coming in above and leaving below. A plain block "
        "is ReLU and a dense layer: signals on their way down and gradients on their "
        "way up change by a factor. The second has layer norm before the ReLU, which "
        "sets the size of the signal anew in each block. The residual block multiplies "
        "what ReLU and dense layer give by a number s and adds it to H, which also "
        "passes beside them unchanged.",
        height=312,
    )
    for column, (name, parts, effect) in enumerate(FORMS):
        x = LEFT + COLUMN * column
        diagram.words(x, 12, name, bold=True)
        middle = x + 14 if column == 2 else x
        diagram.words(middle, 34, "H")
        _branch(diagram, middle, parts, column == 2)
        diagram.words(middle, END + 16, "H")
        diagram.words(x, END + 42, effect, small=True)
    diagram.words(190, 304, "signals: downward; gradients: upward", small=True)
    return diagram


def _branch(diagram: Diagram, x: float, parts: tuple[str, ...], residual: bool) -> None:
    """Draw the parts of a branch below one another, and a way around if residual."""
    y, width = 42.0, 2 * HALF - (4 if residual else 0)
    for index, part in enumerate(parts):
        top = TOP + STEP * index
        diagram.arrow((x, y), (x, top))
        diagram.box(x - width / 2, top, width, BOX, part, small=True)
        y = top + BOX
    if not residual:
        diagram.arrow((x, y), (x, END + 6))
        return
    around = x - HALF - 16
    diagram.line((x - 9, 34), (around, 34), (around, END - 18), (x - 9, END - 18))
    diagram.arrow((x, y), (x, END - 26))
    diagram.words(x, END - 18, "+", bold=True)
    diagram.arrow((x, END - 10), (x, END + 6))
