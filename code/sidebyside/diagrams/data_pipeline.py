"""Who asks whom for data, from the training step down to the disk, in each lane."""

from sidebyside.diagrams._draw import Diagram, lane_name

STACKS = {
    "pytorch": (
        "your loop",
        "DataLoader\ndraws the order",
        "queue\nkeeps batches",
        "record k: read\nin processes",
        "files",
    ),
    "tensorflow": (
        "your loop",
        "batch, prefetch\nkeep batches",
        "map: decode\nin C++ threads",
        "shuffle: draws\nfrom a buffer",
        "interleave\nopens files",
    ),
    "keras": (
        "fit",
        "order\nof the batches",
        "queue\nkeeps batches",
        "batch k: read\nin threads",
        "files",
    ),
}
"""Lane -> who asks, from the training step down to the disk."""

LEFT, WIDE, STEP = 32.0, 100.0, 108.0
TOP, HIGH, ROW = 44.0, 38.0, 60.0
"""Where the boxes begin, how high each is, and from one to the next [units]."""


def data_pipeline() -> Diagram:
    """Return the diagram of a pipeline: each box asks the box below it for data."""
    rows = len(STACKS["pytorch"])
    bottom = TOP + ROW * (rows - 1) + HIGH
    diagram = Diagram(
        "Who asks whom for data",
        "Three columns of five boxes; in each, an arrow leads from a box down to the "
        "one that it asks. PyTorch: your loop asks the DataLoader, which draws the "
        "order; a queue keeps batches ready, of records that processes read from "
        "files. TensorFlow core: your loop asks batch, prefetch; "
        "they ask map, which decodes in C++ threads; map asks the shuffle buffer, and "
        "the buffer asks interleave, which opens files. Keras: fit goes through the "
        "order of the batches; a queue keeps batches ready, which threads read whole "
        "from files. The data come back the opposite way.",
        height=bottom + 12,
    )
    for column, (lane, stack) in enumerate(STACKS.items()):
        x = LEFT + STEP * column
        diagram.words(x + WIDE / 2, 22, lane_name(lane), bold=True, lane=lane)
        above = None
        for row, words in enumerate(stack):
            ink = lane if 0 < row < rows - 1 else None
            y = TOP + ROW * row
            box = diagram.box(x, y, WIDE, HIGH, words, lane=ink, small=True)
            if above is not None:
                diagram.arrow(above.bottom, box.top)
            above = box
    diagram.arrow((20, TOP + 8), (20, bottom - 8))
    diagram.turned(9, (TOP + bottom) / 2, "who asks whom")
    diagram.arrow((366, bottom - 8), (366, TOP + 8))
    diagram.turned(374, (TOP + bottom) / 2, "the way of the data")
    return diagram
