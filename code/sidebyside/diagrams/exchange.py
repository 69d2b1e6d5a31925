"""Which file leads to which runtime, what it carries, and what stays behind."""

from sidebyside.diagrams._draw import Diagram, lane_name

DOORS = (
    (("pytorch",), ".pt2\ngraph, weights", "PyTorch", "pytorch"),
    (
        ("tensorflow", "keras"),
        "SavedModel\ngraphs, weights",
        "TensorFlow",
        "tensorflow",
    ),
    (("keras",), ".keras: layers,\nweights, optimizer", "Keras", "keras"),
    (("pytorch", "tensorflow", "keras"), ".onnx\ngraph, weights", "ONNX Runtime", None),
    (("tensorflow", "keras"), ".tflite\ngraph, weights", "LiteRT", None),
)
"""Who writes a file, the file and its contents, who runs it, and whose that is."""
FILES, RUNTIMES, WIDE = 116.0, 266.0, 104.0
"""Where the files and the runtimes lie, and how wide a box is [units]."""
TOP, ROW, HIGH = 46.0, 58.0, 42.0
GAP = 26.0
"""Between the files that need a framework and those that need none [units]."""
OWN = 3
"""How many files need a framework to run."""


def exchange() -> Diagram:
    """Return the diagram of the files: who writes them, and where they run."""
    bottom = TOP + ROW * len(DOORS) + GAP
    diagram = Diagram(
        "Which file leads to which runtime",
        "Five files, one below the other. PyTorch writes a pt2 file, which PyTorch "
        "runs. TensorFlow and Keras write a SavedModel, which TensorFlow runs. Keras "
        "writes a keras file, which Keras runs. Below a dashed line are the files that "
        "run without the frameworks: all three lanes write an onnx file for ONNX "
        "Runtime, TensorFlow and Keras a tflite file for LiteRT. Each file holds "
        "weights with a graph; the keras file a description of layers, and the "
        "optimizer. The training loop and preprocessing outside the file stay behind.",
        height=bottom + 66,
    )
    for x, head in (
        (60, "written by"),
        (FILES + 62, "file"),
        (RUNTIMES + 52, "runs in"),
    ):
        diagram.words(x, 22, head, bold=True)
    for index, (lanes, file, runtime, owner) in enumerate(DOORS):
        y = TOP + ROW * index + (GAP if index >= OWN else 0)
        middle = y + HIGH / 2
        for place, lane in enumerate(lanes):
            up = 14 * (place - (len(lanes) - 1) / 2)
            diagram.words(
                90, middle + up, lane_name(lane), small=True, anchor="end", lane=lane
            )
        box = diagram.box(FILES, y, 124, HIGH, file, small=True)
        end = diagram.box(RUNTIMES, y, WIDE, HIGH, runtime, lane=owner, small=True)
        diagram.arrow((94, middle), box.left)
        diagram.arrow(box.right, end.left)
    line = TOP + ROW * OWN + 2
    diagram.line((10, line), (370, line), dashed=True)
    diagram.words(370, line + 13, "no framework needed below", small=True, anchor="end")
    diagram.box(
        10,
        bottom + 6,
        360,
        50,
        "left behind: the training loop, and\npreprocessing outside the export",
        dashed=True,
        small=True,
    )
    return diagram
