"""What is recorded while a loss is computed, what flows back, and who holds it."""

from itertools import pairwise

from sidebyside.diagrams._draw import Box, Diagram, lane_name
from sidebyside.plots import LANES

ROWS = (
    ("w, b: the leaves", "∂L/∂w and ∂L/∂b", ""),
    ("ŷ = X w + b", "Xᵀ g and sum of g", "X"),
    ("r = ŷ − y", "g, unchanged", ""),
    ("s = r²", "2 r g", "r"),
    ("L = mean of s", "g / N in each row", "N"),
)
"""What is computed forward, its rule backward, and what the record keeps for it."""
HOLDERS = (
    "the record:\nevery tensor's\ngrad_fn\nthe answer:\nadded to .grad\nof each leaf",
    "the record:\na tape object,\nwhile it is open\nthe answer:\nreturned by\n"
    "tape.gradient",
    "the record:\nthat of\nits backend\nthe answer:\nused inside fit,\nnot handed out",
)
"""Who holds the record and the answer: PyTorch, TensorFlow core, Keras."""

LEFT, RIGHT, WIDE, HIGH = 12.0, 226.0, 142.0, 30.0
TOP, ROW = 38.0, 46.0
BELOW = TOP + ROW * len(ROWS) + 26


def tape() -> Diagram:
    """Return the diagram of a tape: forward on the left, backward on the right."""
    diagram = Diagram(
        "The tape and the backward pass",
        "On the left, downwards, the loss of linear regression is computed from the "
        "leaves w and b: the prediction X w + b, the residual, its square, the mean. "
        "Each step is recorded, with what its rule will need: X, r and N. On the "
        "right, upwards, the gradient g starts at 1 and passes the rules in reverse: "
        "g / N in each row, times 2 r, unchanged, and at last X transposed times g for "
        "w and the sum of g for b. In PyTorch every tensor holds its part of the "
        "record, and the answer is added to grad of each leaf. In TensorFlow core a "
        "tape object holds the record and returns the answer. In Keras the backend "
        "holds the record, and fit uses the answer inside.",
        height=BELOW + 134,
    )
    diagram.words(LEFT + WIDE / 2, 16, "forward, recorded", bold=True)
    diagram.words(RIGHT + WIDE / 2, 16, "backward", bold=True)
    down, up = zip(*(_row(diagram, *row) for row in enumerate(ROWS)), strict=True)
    for above, below in pairwise(down):
        diagram.arrow(above.bottom, below.top)
    for above, below in pairwise(up):
        diagram.arrow(below.top, above.bottom)
    last, first = down[-1].bottom, up[-1].bottom
    turn = last[1] + 12
    diagram.arrow(last, (last[0], turn), (first[0], turn), first)
    diagram.words(WIDE / 2 + RIGHT - 40, turn + 12, "starts with 1", small=True)
    diagram.words(LEFT + 46, turn + 12, "one number", small=True)
    for index, (lane, words) in enumerate(zip(LANES, HOLDERS, strict=True)):
        x = 6 + 126 * index
        diagram.words(x + 59, BELOW + 12, lane_name(lane), bold=True, lane=lane)
        diagram.box(x, BELOW + 24, 118, 104, words, lane=lane, small=True)
    return diagram


def _row(diagram: Diagram, index: int, texts: tuple[str, str, str]) -> tuple[Box, Box]:
    """Draw one step, its rule, and between them what is kept."""
    forward, backward, kept = texts
    y = TOP - 8 + ROW * index
    left = diagram.box(LEFT, y, WIDE, HIGH, forward)
    right = diagram.box(RIGHT, y, WIDE, HIGH, backward, dashed=bool(index))
    if kept:
        middle = (left.right[0] + right.left[0]) / 2
        diagram.line(left.right, right.left, dashed=True)
        diagram.words(middle, y + 6, f"keeps {kept}", small=True)
    return left, right
