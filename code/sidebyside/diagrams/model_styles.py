"""One model with two heads, and three ways to write it down."""

from sidebyside.diagrams._draw import Diagram

WIDTHS, GAP, LEFT = 114.0, 13.0, 6.0
STYLES = (
    (
        "a list",
        ("nn.Sequential", "list", "keras.Sequential"),
        "the layers and\ntheir order",
    ),
    (
        "a graph",
        ("torch.fx *", "tf.function *", "keras.Model(...)"),
        "the layers and\nall connections",
    ),
    (
        "a class",
        ("nn.Module", "tf.Module", "keras.Model, call"),
        "what __init__\nhas made",
    ),
)
"""The style; what each lane has for it; what is known before the first batch."""
LANES = ("pytorch", "tensorflow", "keras")
MODEL, SKETCH, NAMES, KNOWN = 8.0, 190.0, 300.0, 372.0
"""Where the rows of the drawing begin [units]."""


def model_styles() -> Diagram:
    """Return the diagram of the two-headed model as list, graph and class."""
    diagram = Diagram(
        "One model, written in three ways",
        "On top the model: an image of 784 pixels goes through a trunk of dense layers "
        "and ReLUs, and the 32 features go into two heads, one with 10 numbers for the "
        "kind and one with 1 number for the area. Below, three columns. A list is four "
        "layers one after the other, nn.Sequential, a Python list or keras.Sequential; "
        "it holds the trunk, and its layers and their order are known before the first "
        "batch. A graph has the trunk and an arrow to each head; Keras draws it in a "
        "functional model, torch.fx and tf.function record it from code; all layers "
        "and connections are known. Code is three lines in a class, nn.Module, "
        "tf.Module or keras.Model; known is what the constructor has made.",
        height=428,
    )
    _model(diagram)
    diagram.line((6, 160), (374, 160), dashed=True)
    for place, (style, names, known) in enumerate(STYLES):
        x = LEFT + (WIDTHS + GAP) * place
        middle = x + WIDTHS / 2
        diagram.words(middle, SKETCH - 14, style, bold=True)
        diagram.box(x, SKETCH, WIDTHS, 96, dashed=True)
        (_list, _graph, _code)[place](diagram, x)
        for row, (lane, name) in enumerate(zip(LANES, names, strict=True)):
            diagram.words(middle, NAMES + 15 * row, name, small=True, lane=lane)
        diagram.words(middle, KNOWN + 28, known, small=True)
    diagram.words(190, KNOWN - 20, "* recorded from code", small=True)
    diagram.words(190, KNOWN + 8, "known before the first batch:", bold=True)
    return diagram


def _model(diagram: Diagram) -> None:
    image = diagram.box(130, MODEL, 120, 26, "image: 784")
    trunk = diagram.box(40, MODEL + 50, 300, 28, "trunk: dense, ReLU, dense, ReLU")
    kind = diagram.box(40, MODEL + 108, 140, 28, "head kind: 10")
    area = diagram.box(200, MODEL + 108, 140, 28, "head area: 1")
    diagram.arrow(image.bottom, trunk.top)
    for head in (kind, area):
        diagram.arrow((head.top[0], trunk.bottom[1]), head.top)
    diagram.words(190, MODEL + 93, "32", small=True)


def _list(diagram: Diagram, x: float) -> None:
    for row, layer in enumerate(("dense", "ReLU", "dense", "ReLU")):
        box = diagram.box(x + 27, SKETCH + 6 + 23 * row, 60, 16, layer, small=True)
        if row < 3:
            diagram.arrow(box.bottom, (box.bottom[0], box.bottom[1] + 7))


def _graph(diagram: Diagram, x: float) -> None:
    trunk = diagram.box(x + 27, SKETCH + 12, 60, 18, "trunk", small=True)
    for place, head in enumerate(("kind", "area")):
        box = diagram.box(x + 8 + 52 * place, SKETCH + 64, 46, 18, head, small=True)
        diagram.arrow(trunk.bottom, box.top)


def _code(diagram: Diagram, x: float) -> None:
    for row, line in enumerate(
        ("H = trunk(X)", "return {", "  kind(H),", "  area(H)}")
    ):
        indent = 10 if line.startswith(" ") else 0
        y = SKETCH + 18 + 20 * row
        diagram.words(x + 16 + indent, y, line.strip(), small=True, anchor="start")
