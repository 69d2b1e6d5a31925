"""What lies in the three packages, and what Keras needs beside its own."""

from sidebyside.diagrams._draw import Diagram, lane_name
from sidebyside.plots import LANES

LEFT, WIDE, GAP = 14.0, 112.0, 120.0
"""Where the first package lies, its width, and from one to the next [units]."""
LAYERS = (
    ("files of Python", True),
    ("compiled libraries", False),
    ("headers for\nC++ and CUDA", False),
)
"""What lies in a package, and whether Keras has it."""
BACKENDS = ("TensorFlow", "JAX", "PyTorch")
"""Keras' backends that train, in the order of its documentation."""
TOP, ROW, HIGH = 40.0, 46.0, 38.0


def three_boxes() -> Diagram:
    """Return the diagram of the packages: three columns, and Keras' backends below."""
    bottom = TOP + ROW * len(LAYERS)
    diagram = Diagram(
        "What lies in the three packages",
        "Three columns. PyTorch and TensorFlow each hold files of Python, compiled "
        "libraries, and headers for C++ and CUDA. Keras holds files of Python only: "
        "where the other two have libraries and headers, its column has dashed boxes "
        "with the word none. From Keras arrows go to three packages below, TensorFlow, "
        "JAX and PyTorch: it needs one of them.",
        height=bottom + 90,
    )
    for index, lane in enumerate(LANES):
        _column(diagram, LEFT + GAP * index, lane)
    bus, under = bottom + 30, LEFT + 2 * GAP + WIDE / 2
    diagram.line((under, bottom - 8), (under, bus))
    diagram.words(LEFT, bottom + 12, "Keras computes with one of", anchor="start")
    diagram.line((LEFT + WIDE / 2, bus), (under, bus))
    for index, name in enumerate(BACKENDS):
        box = diagram.box(LEFT + GAP * index, bottom + 52, WIDE, 32, name)
        diagram.arrow((box.top[0], bus), box.top)
    return diagram


def _column(diagram: Diagram, x: float, lane: str) -> None:
    """Draw a package: its name, and a box for each kind of what it holds."""
    name = "TensorFlow" if lane == "tensorflow" else lane_name(lane)
    diagram.words(x + WIDE / 2, 20, name, bold=True, lane=lane)
    for row, (words, is_python) in enumerate(LAYERS):
        y = TOP + ROW * row
        if is_python or lane != "keras":
            diagram.box(x, y, WIDE, HIGH, words, lane=lane, small=True)
        else:
            diagram.box(x, y, WIDE, HIGH, "none", dashed=True, small=True)
