"""How a chapter becomes three programs, and what of them is counted."""

from sidebyside.diagrams._draw import Diagram, lane_name
from sidebyside.plots import LANES

LEFT, WIDE, GAP = 22.0, 104.0, 116.0
"""Where the first program lies, its width, and from one to the next [units]."""
LAYERS = (
    ("cells", "the same task: counted", False),
    ("helpers", "if the cells need them: counted", False),
    ("other cells", "one lane alone: left out", True),
    ("data, figures", "the same text: left out", True),
)
"""What a program is made of, what becomes of it, and whether it is left out."""
TOP, ROW = 122.0, 66.0


def code_count() -> Diagram:
    """Return the diagram of the count: chapter, three programs, what is counted."""
    bottom = TOP + ROW * len(LAYERS)
    diagram = Diagram(
        "How code is counted",
        "A chapter is cut into three programs, one a lane. Each has cells that do the "
        "same task in all lanes, and helpers written in: both are counted, helpers as "
        "far as these cells need them. Cells of one lane alone, and text that is the "
        "same in all lanes, are left out. The counts are tokens, and names to know.",
        height=bottom + 54,
    )
    chapter = diagram.box(110, 6, 160, 30, "a chapter")
    for index, lane in enumerate(LANES):
        x = LEFT + GAP * index
        head = diagram.box(x, 72, WIDE, 28, lane_name(lane), lane=lane)
        diagram.arrow((head.top[0], 54), head.top)
        for row, (what, _, is_out) in enumerate(LAYERS):
            y = TOP + ROW * row
            diagram.box(
                x,
                y,
                WIDE,
                28,
                what,
                lane=None if is_out else lane,
                dashed=is_out,
                small=True,
            )
    first, last = LEFT + WIDE / 2, LEFT + 2 * GAP + WIDE / 2
    diagram.line(chapter.bottom, (chapter.bottom[0], 54))
    diagram.line((first, 54), (last, 54))
    for row, (_, becomes, _) in enumerate(LAYERS):
        diagram.words(190, TOP + ROW * row + 44, becomes, small=True)
    diagram.box(70, bottom + 4, 240, 40, "counted: tokens,\nnames to know", small=True)
    return diagram
