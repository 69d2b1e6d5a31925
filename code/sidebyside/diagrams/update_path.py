"""The way of a gradient to new weights, and what does each step in each lane."""

from sidebyside.diagrams._draw import Diagram, lane_name
from sidebyside.plots import LANES

STEPS = (
    ("gradient of a batch", ("backward()", "tape", "fit")),
    ("mean over parts", ("you", "you", "argument")),
    ("clip", ("clip_grad_*", "clip_by_*", "argument")),
    ("weight decay", ("optimizer", "you", "optimizer")),
    ("rule, with its state", ("optimizer", "you", "optimizer")),
    ("new weights", ("step()", "assign", "fit")),
    ("average of weights", ("Averaged-\nModel", "you", "argument")),
)
"""What happens -> what does it in PyTorch, in TensorFlow core, in Keras."""
RULE = 4
"""The row into which the schedule hands its rate."""

LEFT, ROW, TOP = 44.0, 44.0, 62.0
COLUMNS = (224.0, 286.0, 347.0)


def update_path() -> Diagram:
    """Return the diagram: from a gradient down to averaged weights, and by whom."""
    diagram = Diagram(
        "From a gradient to new weights",
        "A column of boxes joined by arrows: the gradient of a batch, the mean over "
        "parts, clipping, weight decay, the rule with its state, new weights, and the "
        "average of weights. A schedule hands its rate to weight decay and rule, from "
        "the left. In PyTorch you call each of these between backward and the next "
        "batch; in TensorFlow core you write all of them; in Keras they are arguments "
        "of the optimizer, and fit does them.",
        height=TOP + ROW * len(STEPS) + 2,
    )
    for lane, x in zip(LANES, COLUMNS, strict=True):
        diagram.words(x, 36, lane_name(lane), bold=True, lane=lane)
    diagram.words(LEFT + 66, 36, "what happens", bold=True)
    for index, (what, who) in enumerate(STEPS):
        y = TOP + ROW * index
        box = diagram.box(LEFT, y, 132, 30, what, small=True)
        if index:
            diagram.arrow((box.top[0], y - ROW + 30), box.top)
        for x, name in zip(COLUMNS, who, strict=True):
            lower = 0 if "\n" not in name else 7
            diagram.words(x, y + 15 - lower, name, small=True)
    _rate(diagram)
    return diagram


def _rate(diagram: Diagram) -> None:
    """Draw the schedule at the left, and its arrows to the two rows that use it."""
    high, low = (TOP + ROW * row + 15 for row in (RULE - 1, RULE))
    diagram.line((22, high), (22, low))
    for y in (high, low):
        diagram.arrow((22, y), (LEFT, y))
    diagram.turned(11, (high + low) / 2, "rate, from the schedule")
