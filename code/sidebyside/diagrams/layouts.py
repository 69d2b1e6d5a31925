"""One small colour image in both layouts: the same numbers in another order."""

from sidebyside.diagrams._draw import Diagram

CHANNELS, PIXELS = "RGB", 4
"""Red, green, blue; an image of 2 by 2 pixels, numbered by rows from 1 to 4."""
SIDE, LEFT = 29.0, 16.0


def layouts() -> Diagram:
    """Return the diagram: 2 by 2 pixels, then both orders of their 12 numbers."""
    diagram = Diagram(
        "Two layouts of one image",
        "An image of 2 by 2 pixels, numbered 1 to 4, each with a red, a green and a "
        "blue value. With channels last the values of one pixel are neighbours: R1 G1 "
        "B1, then R2 G2 B2 and so on. With channels first the values of one colour are "
        "neighbours: R1 R2 R3 R4, then all of G and all of B.",
        height=236,
    )
    for pixel in range(PIXELS):
        row, column = divmod(pixel, 2)
        x, y = 152 + 38 * column, 8 + 38 * row
        diagram.box(x, y, 38, 38, str(pixel + 1))
    diagram.words(142, 46, "height 2", small=True, anchor="end")
    diagram.words(238, 46, "width 2, channels 3", small=True, anchor="start")
    last = [f"{c}{p + 1}" for p in range(PIXELS) for c in CHANNELS]
    first = [f"{c}{p + 1}" for c in CHANNELS for p in range(PIXELS)]
    _strip(diagram, 106, "channels last (H, W, C): TensorFlow, Keras", last, 3)
    _strip(diagram, 174, "channels first (C, H, W): PyTorch", first, PIXELS)
    return diagram


def _strip(
    diagram: Diagram, y: float, words: str, values: list[str], group: int
) -> None:
    """Draw values in a row; each second group of neighbours is dashed."""
    diagram.words(LEFT, y, words, anchor="start", bold=True, small=True)
    for place, value in enumerate(values):
        dashed = place // group % 2 == 1
        x = LEFT + SIDE * place
        diagram.box(x + 1, y + 14, SIDE - 2, 28, value, small=True, dashed=dashed)
