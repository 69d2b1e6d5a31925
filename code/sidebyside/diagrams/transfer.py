"""Which part of a trained network stays, which is trained on, and which is new."""

from sidebyside.diagrams._draw import Diagram

LEFT, WIDE, GAP = 18.0, 176.0, 26.0
STEPS = (
    ("photographs\nB × H × W × 3, 0 to 255", "", False),
    ("stem, first blocks\nB × H/32 × W/32 × 192", "frozen: only used", True),
    ("last blocks, head\nB × H/32 × W/32 × 1280", "fine-tuned with a low rate", False),
    ("features\nB × 1280", "", False),
    ("linear layer\nB × K scores", "new: trained with a higher rate", False),
)
"""What a box says, what is said beside it, and whether its border is dashed."""
MOVES = (
    "normalized, as in the first training",
    "",
    "mean of each map",
    "",
)
"""What is said beside the arrow below each box but the last."""


def transfer() -> Diagram:
    """Return the diagram: from photographs to scores, with what is trained where."""
    diagram = Diagram(
        "A trained network, used again for other classes",
        "Photographs are normalized as in the first training. They enter the stem and "
        "the first blocks, which are frozen. The last blocks and the head follow; they "
        "may be fine-tuned with a low rate. The mean of each of the 1280 maps is a "
        "feature. A new linear layer makes K scores of the features; it is trained "
        "with a higher rate. Alone, it needs features only once.",
        height=356,
    )
    y, height = 8.0, 46.0
    for index, (words, beside, dashed) in enumerate(STEPS):
        box = diagram.box(LEFT, y, WIDE, height, words, small=True, dashed=dashed)
        if beside:
            x, middle = box.right
            diagram.words(x + 10, middle, beside, anchor="start", small=True)
        y += height
        if index < len(MOVES):
            diagram.arrow(box.bottom, (box.bottom[0], y + GAP))
            if MOVES[index]:
                x = box.bottom[0] + 12
                words = MOVES[index]
                diagram.words(x, y + GAP / 2, words, anchor="start", small=True)
        y += GAP
    return diagram
