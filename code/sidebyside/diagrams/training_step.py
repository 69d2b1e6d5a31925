"""What happens in a run of training, and who does it in each lane."""

from sidebyside.diagrams._draw import Diagram, lane_name
from sidebyside.plots import LANES

STEPS = (
    ("shuffle, batch", ("DataLoader", "tf.data", "fit")),
    ("1 forward", ("you", "you", "fit")),
    ("2 loss", ("you", "you", "fit")),
    ("3 gradients", ("backward()", "tape", "fit")),
    ("4 update", ("step()", "you", "fit")),
    ("metrics", ("you", "you", "fit")),
    ("validation", ("you", "you", "fit")),
    ("keep the best", ("you", "you", "callbacks")),
)
"""What happens -> who does it in PyTorch, in TensorFlow core, in Keras."""
IN_A_STEP = range(1, 6)
"""The rows that happen for each batch."""

LEFT, ROW, TOP = 46.0, 40.0, 62.0
COLUMNS = (222.0, 283.0, 344.0)


def training_step() -> Diagram:
    """Return the diagram of a run: epochs, batches, four moves, and who does each."""
    diagram = Diagram(
        "A run of training, and who does what",
        "A run repeats epochs, and an epoch repeats batches. For each batch there are "
        "four moves: forward, loss, gradients, update, and then the metrics. Shuffling "
        "comes before the batches, validation and keeping the best weights come after "
        "them. In PyTorch and TensorFlow core you write nearly all of this yourself; "
        "in Keras fit does it, with callbacks.",
        height=TOP + ROW * len(STEPS) + 14,
    )
    for lane, x in zip(LANES, COLUMNS, strict=True):
        diagram.words(x, 40, lane_name(lane), bold=True, lane=lane)
    diagram.words(LEFT + 60, 40, "what happens", bold=True)
    for index, (what, who) in enumerate(STEPS):
        y = TOP + ROW * index
        box = diagram.box(LEFT, y, 136, 28, what)
        if index:
            diagram.arrow((box.top[0], y - ROW + 28), box.top)
        for x, name in zip(COLUMNS, who, strict=True):
            diagram.words(x, y + 14, name, small=True)
    _loop(diagram, IN_A_STEP[0], IN_A_STEP[-1], 36, "each batch")
    _loop(diagram, 0, len(STEPS) - 1, 16, "each epoch")
    return diagram


def _loop(diagram: Diagram, first: int, last: int, x: float, words: str) -> None:
    """Draw an arrow from the last row back to the first, left of the rows."""
    bottom, top = TOP + ROW * last + 20, TOP + ROW * first + 8
    diagram.arrow((LEFT, bottom), (x, bottom), (x, top), (LEFT, top))
    diagram.turned(x - 7, (bottom + top) / 2, words)
