"""One buffer of numbers, two tensors that read it, and who shares or changes it."""

from sidebyside.diagrams._draw import Diagram, Point, lane_name

CELL = 30.0
LEFT, RIGHT = 60.0, 252.0
"""Where the grids of the two tensors begin [units]."""
COLUMNS = {"pytorch": 142.0, "tensorflow": 231.0, "keras": 320.0}
"""The middle of each lane's column in the table [units]."""
TABLE = (
    ("from NumPy", ("from_numpy\nshares", "copies", "the backend\ndecides")),
    ("slice,\ntranspose", ("a view", "a new value", "treat as\na new value")),
    ("write to it", ("in place", "only to a\nVariable", "only to a\nVariable")),
)
"""What is done, and what it means in each lane."""


def tensor_memory() -> Diagram:
    """Return the diagram: a buffer, two ways to read it, then a table of the lanes."""
    diagram = Diagram(
        "One buffer, two tensors",
        "Six numbers, 0 to 5, lie in a row of memory. A tensor of shape (2, 3) with "
        "strides (3, 1) reads them as the rows 0 1 2 and 3 4 5. Its transpose has "
        "shape (3, 2) and strides (1, 3), and reads the same numbers as the rows 0 "
        "3, 1 4 and 2 5. Below, a table. From NumPy: PyTorch's from_numpy shares "
        "the memory, TensorFlow core copies, in Keras the backend decides. A slice "
        "or transpose is a view in PyTorch and a new value in TensorFlow core, and "
        "should be treated as a new value in Keras. Writing: in place in PyTorch, "
        "only to a Variable in TensorFlow core and Keras.",
        height=402,
    )
    diagram.words(190, 12, "one buffer: six numbers in a row of memory", small=True)
    for place in range(6):
        diagram.box(100 + CELL * place, 24, CELL, CELL, str(place))
    _tensor(diagram, (LEFT, 88), 2, 3, (3, 1))
    _tensor(diagram, (RIGHT, 88), 3, 2, (1, 3))
    diagram.arrow((145, 56), (LEFT + 1.5 * CELL, 84))
    diagram.arrow((235, 56), (RIGHT + CELL, 84))
    diagram.words(190, 108, "transpose", small=True)
    diagram.arrow((LEFT + 3 * CELL + 8, 120), (RIGHT - 8, 120))
    for lane, x in COLUMNS.items():
        diagram.words(x, 246, lane_name(lane), bold=True, lane=lane)
    for row, (what, answers) in enumerate(TABLE):
        y = 262 + 46.0 * row
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
