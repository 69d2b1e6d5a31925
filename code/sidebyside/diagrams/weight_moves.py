"""How weights change their layout on the way, and in which order to check a move."""

from sidebyside.diagrams._draw import Diagram

SIDE, LEFT = 43.0, 18.0
"""The width of a place in a row [units], and where a row begins."""
MAPS, PLACES = "AB", 4
"""Two maps of 2 by 2 numbers, which flattening puts into one row of eight."""
STEPS = (
    "1  same layers, same numbers, in the target's own style",
    "2  names and layouts of all arrays",
    "3  the output of every layer",
    "4  the answers to test images",
    "5  a few training steps",
)


def weight_moves() -> Diagram:
    """Return the diagram: a kernel, the row after flattening, and five steps."""
    diagram = Diagram(
        "Moving weights from PyTorch to TensorFlow or Keras",
        "A convolution kernel of PyTorch has the axes out, in, height, width. "
        "transpose(2, 3, 1, 0) gives TensorFlow's and Keras' order: height, width, in, "
        "out. Below, two maps A and B of four numbers are flattened. PyTorch's row is "
        "A1 A2 A3 A4 B1 B2 B3 B4, the row of TensorFlow and Keras is A1 B1 A2 B2 A3 B3 "
        "A4 B4, so the weights of the next dense layer must change places. A move has "
        "five steps from top to bottom: the same layers, names and layouts, the output "
        "of every layer, the answers, a few training steps.",
        height=506,
    )
    diagram.words(LEFT, 12, "a convolution's kernel", anchor="start", bold=True)
    first = diagram.box(LEFT, 28, 132, 40, "(out, in, H, W)\nPyTorch", small=True)
    last = diagram.box(
        230, 28, 132, 40, "(H, W, in, out)\nTensorFlow, Keras", small=True
    )
    diagram.arrow(first.right, last.left)
    diagram.words(190, 84, "transpose(2, 3, 1, 0)", small=True)
    _flatten(diagram, 118)
    y = 320.0
    diagram.words(LEFT, y, "the order of a move", anchor="start", bold=True)
    y += 14
    for index, step in enumerate(STEPS):
        box = diagram.box(LEFT, y, 344, 24)
        diagram.words(LEFT + 12, y + 12, step, anchor="start", small=True)
        if index < len(STEPS) - 1:
            diagram.arrow(box.bottom, (box.bottom[0], y + 36))
        y += 36
    return diagram


def _flatten(diagram: Diagram, y: float) -> None:
    """Draw both rows of eight numbers, and a line from each place to its new one."""
    words = "two maps, A and B, flattened into the row of a dense layer"
    diagram.words(LEFT, y, words, anchor="start", bold=True, small=True)
    first = [(name, place) for name in MAPS for place in range(PLACES)]
    last = [(name, place) for place in range(PLACES) for name in MAPS]
    top, bottom = y + 34, y + 132
    diagram.words(LEFT, y + 22, "PyTorch: (C, H, W)", anchor="start", small=True)
    for row, values in ((top, first), (bottom, last)):
        for index, (name, place) in enumerate(values):
            x = LEFT + SIDE * index
            words, dashed = f"{name}{place + 1}", name == "B"
            diagram.box(x + 1, row, SIDE - 2, 26, words, small=True, dashed=dashed)
    for index, value in enumerate(first):
        x, target = (LEFT + SIDE * (i + 0.5) for i in (index, last.index(value)))
        diagram.line((x, top + 26), (target, bottom), dashed=value[0] == "B")
    words = "TensorFlow, Keras: (H, W, C)"
    diagram.words(LEFT, bottom + 38, words, anchor="start", small=True)
