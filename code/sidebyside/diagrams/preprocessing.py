"""Where the preprocessing of a table lives: outside, in the graph, or in layers."""

from sidebyside.diagrams._draw import Box, Diagram, lane_name

HOMES = (
    ("pytorch", "scikit-learn\nmeans, codes", "nn.Module\nweights"),
    ("tensorflow", "operations\nmeans, tables", "tf.Module\nweights"),
    ("keras", "layers, adapted\nmeans, codes", "layers, trained\nweights"),
)
"""Lane, what prepares the columns and what it keeps, the network and what it keeps."""
FILES = {"tensorflow": "SavedModel", "keras": ".keras file"}
"""Lane -> the one file or folder that holds both parts."""
TOP, ROW, HIGH = 74.0, 104.0, 44.0
FIRST, SECOND, WIDE = 78.0, 214.0, 108.0


def preprocessing() -> Diagram:
    """Return the diagram: three lanes, each a way from raw columns to an answer."""
    diagram = Diagram(
        "Where the preprocessing lives",
        "Three rows, one for each lane. In each, raw columns go through a box that "
        "prepares them, then through the network, and come out as a probability. In "
        "PyTorch each of the two boxes has a file, and a frame, of its own. In "
        "TensorFlow core one frame, the SavedModel, holds both boxes; in Keras one "
        "frame, the .keras file, holds both.",
        height=TOP + ROW * len(HOMES) - 8,
    )
    diagram.words(36, 22, "raw\ncolumns", small=True)
    diagram.words(FIRST + WIDE / 2, 28, "prepare", bold=True)
    diagram.words(SECOND + WIDE / 2, 28, "network", bold=True)
    diagram.words(356, 28, "answer", small=True)
    for row, (lane, prepare, network) in enumerate(HOMES):
        y = TOP + ROW * row
        first = diagram.box(FIRST, y, WIDE, HIGH, prepare, lane=lane, small=True)
        second = diagram.box(SECOND, y, WIDE, HIGH, network, lane=lane, small=True)
        diagram.words(36, y - 8, lane_name(lane), bold=True, lane=lane)
        diagram.arrow((14, first.left[1]), first.left)
        diagram.arrow(first.right, second.left)
        diagram.arrow(second.right, (372, second.right[1]))
        if lane in FILES:
            _frame(diagram, first.x, second.x + WIDE, y, FILES[lane])
        else:
            for box, name in ((first, "prepare.joblib"), (second, "model.pt")):
                _frame(diagram, box.x, box.x + WIDE, y, name)
    return diagram


def _frame(diagram: Diagram, left: float, right: float, y: float, name: str) -> Box:
    """Draw the frame of a file, with its name below what it holds."""
    diagram.words((left + right) / 2, y + HIGH + 12, name, small=True)
    return diagram.box(left - 8, y - 8, right - left + 16, HIGH + 32, dashed=True)
