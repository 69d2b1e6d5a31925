"""What can become of a mistake: the questions that separate the five outcomes."""

from sidebyside.diagrams._draw import Diagram

QUESTIONS = (
    ("Can it be made\nin this lane?", "no", "can't happen"),
    ("Does it raise\nan error?", "yes", "raises"),
    ("Does a warning\nname it?", "yes", "warns"),
    ("Is the result\nwhat you meant?", "yes", "right"),
)
"""Each question -> the answer that ends it, and the outcome."""
LEFT, WIDE, HIGH, TOP, ROW = 14.0, 148.0, 44.0, 14.0, 74.0
RIGHT, NARROW = 234.0, 126.0


def five_outcomes() -> Diagram:
    """Return the diagram: four questions in a column, an outcome beside each."""
    bottom = TOP + ROW * len(QUESTIONS)
    diagram = Diagram(
        "The five outcomes of a mistake",
        "Four questions stand in a column, and an arrow leads from each to an outcome. "
        "If the mistake cannot be made in this lane, it can't happen. If an error is "
        "raised, it raises; if a warning names it, it warns; if the result is what you "
        "meant, it is right. What is left at the bottom is silent: the result is "
        "wrong, and only a check of your own notices.",
        height=bottom + 78,
    )
    for index, (question, answer, outcome) in enumerate(QUESTIONS):
        y, other = TOP + ROW * index, "yes" if answer == "no" else "no"
        asked = diagram.box(LEFT, y, WIDE, HIGH, question)
        ends = diagram.box(RIGHT, y + 6, NARROW, HIGH - 12, outcome)
        diagram.arrow(asked.right, ends.left)
        diagram.words((LEFT + WIDE + RIGHT) / 2, y + HIGH / 2 - 10, answer, small=True)
        diagram.arrow(asked.bottom, (asked.bottom[0], y + ROW))
        diagram.words(asked.bottom[0] + 16, y + HIGH + 15, other, small=True)
    diagram.box(LEFT, bottom, WIDE, HIGH, "silent", dashed=True)
    diagram.words(RIGHT, bottom + HIGH / 2 - 8, "the result is wrong:", anchor="start")
    diagram.words(RIGHT, bottom + HIGH / 2 + 10, "check it yourself", anchor="start")
    diagram.words(LEFT, bottom + 64, "The atlas has a check for each.", anchor="start")
    return diagram
