"""What convolutions and poolings do to the shape of an image, drawn to scale."""

from sidebyside.diagrams._draw import Diagram

SCALE = 2.0
"""Units a pixel."""
STEPS = (
    ("", "image", 28, 1),
    ("3 × 3 convolution, batch norm, ReLU", "maps", 28, 8),
    ("2 × 2 max pooling", "maps", 14, 8),
    ("3 × 3 convolution, batch norm, ReLU", "maps", 14, 16),
    ("2 × 2 max pooling", "maps", 7, 16),
)
"""The operation, what it gives, its height and width [pixels], its channels."""
LEFT, WORDS, GAP = 70.0, 150.0, 30.0
OFFSET = 3.0
"""How far the next map of a stack is moved [units]."""


def convnet() -> Diagram:
    """Return the diagram of the network: a row for each shape, image to logits."""
    diagram = Diagram(
        "The shapes in a small convolutional network",
        "An image of 28 by 28 pixels with 1 channel becomes 8 maps of the same size by "
        "a 3 by 3 convolution: a window of 3 by 3 pixels gives one number of each map. "
        "Max pooling halves height and width. A second convolution makes 16 maps of 14 "
        "by 14, a second pooling halves them to 7 by 7. Flattening puts all 784 "
        "numbers into one row, and a dense layer makes 10 logits of them.",
        height=478,
    )
    y = 8.0
    for index, (operation, name, side, channels) in enumerate(STEPS):
        if operation:
            _operation(diagram, y, operation)
            y += GAP
        size = side * SCALE
        shown = 1 if channels == 1 else channels // 4 + 1
        depth = OFFSET * (shown - 1)
        for place in reversed(range(shown)):
            x = LEFT - size / 2 + OFFSET * place
            diagram.box(x, y + depth - OFFSET * place, size, size)
        if index == 0:
            _window(diagram, y)
        shape = f"{side} × {side} × {channels}"
        middle = y + (size + depth) / 2
        diagram.words(WORDS, middle, f"{shape}: {name}", anchor="start", bold=True)
        y += size + depth
    for operation, name, width in (
        ("flatten", "784: one row", 120.0),
        ("dense layer", "10: logits, one for each class", 40.0),
    ):
        _operation(diagram, y, operation)
        y += GAP
        diagram.box(LEFT - width / 2, y, width, 14)
        diagram.words(WORDS, y + 7, name, anchor="start", bold=True)
        y += 14
    return diagram


def _operation(diagram: Diagram, y: float, words: str) -> None:
    """Draw an arrow down, with words beside it."""
    diagram.arrow((LEFT, y + 4), (LEFT, y + GAP - 4))
    diagram.words(WORDS, y + GAP / 2, words, anchor="start", small=True)


def _window(diagram: Diagram, y: float) -> None:
    """Draw a window, a little too large, and lines to the number that it gives."""
    side, size = 4 * SCALE, 28 * SCALE
    left, top, end = LEFT + 10, y + 26, (LEFT + 14, y + size + GAP + 2 * OFFSET + 30)
    right, bottom = left + side, top + side
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    diagram.line(*corners, corners[0])
    diagram.line((left, bottom), end, dashed=True)
    diagram.line((right, bottom), end, dashed=True)
