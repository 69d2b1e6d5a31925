"""One buffer of numbers, three tensors that read it, and who shares or changes it."""

from sidebyside.diagrams._draw import Diagram, Point, lane_name

CELL = 28.0
GRIDS = (
    ("a matrix", 20.0, 2, 3, (3, 1)),
    ("its transpose", 162.0, 3, 2, (1, 3)),
    ("row 0, broadcast", 276.0, 2, 3, (0, 1)),
)
"""Name, left side [units], rows, columns and strides of what reads the buffer."""
COLUMNS = {"pytorch": 142.0, "tensorflow": 231.0, "keras": 320.0}
"""The middle of each lane's column in the table [units]."""
TABLE = (
    ("from NumPy", ("from_numpy\nshares", "copies", "the backend\ndecides")),
    ("slice,\ntranspose", ("a view", "a new value", "treat as\na new value")),
    ("write to it", ("in place", "only to a\nVariable", "only to a\nVariable")),
)
"""What is done, and what it means in each lane."""


def tensor_memory() -> Diagram:
    """Return the diagram: a buffer, three readings of it, then a table of lanes."""
    diagram = Diagram(
        "One buffer, three tensors",
        "Six numbers, 0 to 5, lie in a row of memory. In NumPy and PyTorch, three "
        "tensors can read them. "
        "A matrix of shape (2, 3) with strides (3, 1) reads the rows 0 1 2 and 3 4 "
        "5. Its transpose has shape (3, 2) and strides (1, 3), and reads the rows 0 "
        "3, 1 4 and 2 5. Row 0, broadcast to shape (2, 3), has strides (0, 1) and "
        "reads 0 1 2 twice. Below, a table. From NumPy: PyTorch's from_numpy shares "
        "the memory, TensorFlow core copies, in Keras the backend decides. A slice "
        "or transpose is a view in PyTorch and a new value in TensorFlow core, and "
        "should be treated as a new value in Keras. Writing: in place in PyTorch, "
        "only to a Variable in TensorFlow core and Keras.",
        height=406,
    )
    buffer = "NumPy and PyTorch: one buffer, read in three ways"
    diagram.words(190, 12, buffer, small=True)
    for place in range(6):
        diagram.box(106 + CELL * place, 24, CELL, CELL, str(place))
    for name, x, rows, columns, strides in GRIDS:
        middle = x + CELL * columns / 2
        start = 190 + 0.45 * (middle - 190)
        diagram.arrow((start, 54), (middle, 80))
        diagram.words(middle, 92, name, small=True)
        _tensor(diagram, (x, 104), rows, columns, strides)
    for lane, x in COLUMNS.items():
        diagram.words(x, 250, lane_name(lane), bold=True, lane=lane)
    for row, (what, answers) in enumerate(TABLE):
        y = 266 + 46.0 * row
        middle = y + 20 - (7 if "\n" in what else 0)
        diagram.words(8, middle, what, small=True, anchor="start")
        for (lane, x), words in zip(COLUMNS.items(), answers, strict=True):
            diagram.box(x - 42, y, 84, 40, words, small=True, lane=lane)
    return diagram


def _tensor(
    diagram: Diagram, corner: Point, rows: int, columns: int, strides: tuple[int, int]
) -> None:
    """Draw what a tensor reads: each entry stands at row and column times stride."""
    x, y = corner
    for row in range(rows):
        for column in range(columns):
            place = row * strides[0] + column * strides[1]
            cell = (x + CELL * column, y + CELL * row)
            diagram.box(*cell, CELL, CELL, str(place))
    below = y + CELL * rows + 14
    words = f"shape ({rows}, {columns})\nstrides {strides}"
    diagram.words(x + CELL * columns / 2, below, words, small=True)
