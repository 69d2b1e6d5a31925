"""How the race of the lab *speed* is run: whose code, which process, what verdict."""

from sidebyside.diagrams._draw import Diagram, lane_name

LEFT, WIDE, GAP = 22.0, 104.0, 116.0
"""Where the first process lies, its width, and from one to the next [units]."""
BACKENDS = {"pytorch": "eager, compiled", "tensorflow": "graph, XLA"}
BACKENDS |= {"keras": "on TF, JAX, torch"}
ROUNDS = ("2 5 1 4 3", "4 1 3 5 2", "3 2 5 1 4")


def speed_race() -> Diagram:
    """Return the diagram of the race: from the page's code to the verdict."""
    diagram = Diagram(
        "How the race is run",
        "The page's cells go to five processes: one for PyTorch, one for TensorFlow "
        "core, and three for Keras, on TensorFlow, JAX and PyTorch. First all prove in "
        "float64 that they do the same. Then come rounds. In each, every call has one "
        "turn, in an order drawn anew. Each round gives one ratio of two lanes. If all "
        "ratios lie beyond the margin, one lane is clearly faster; if all lie at or "
        "below one, it is not; otherwise nothing is said.",
        height=386,
    )
    cells = diagram.box(90, 6, 200, 30, "the cells of this page")
    diagram.line(cells.bottom, (190, 52))
    diagram.line((LEFT + WIDE / 2, 52), (LEFT + 2 * GAP + WIDE / 2, 52))
    for index, (lane, ways) in enumerate(BACKENDS.items()):
        x = LEFT + GAP * index
        box = diagram.box(x, 68, WIDE, 28, lane_name(lane), lane=lane)
        diagram.arrow((box.top[0], 52), box.top)
        diagram.words(box.bottom[0], 108, ways, small=True)
    proof = diagram.box(40, 124, 300, 28, "the same work, proven in float64")
    diagram.arrow(proof.bottom, (190, 168))
    for index, order in enumerate(ROUNDS):
        x = LEFT + GAP * index
        diagram.box(x, 168, WIDE, 28, order, dashed=True)
        diagram.words(x + WIDE / 2, 208, f"round {index + 1}", small=True)
    diagram.words(190, 232, "one ratio of two lanes in each round:", small=True)
    diagram.line((40, 268), (350, 268))
    for x, text in ((150, "1"), (230, "1.25")):
        diagram.line((x, 258), (x, 278))
        diagram.words(x, 248, text, small=True)
    diagram.box(250, 258, 80, 6)
    diagram.words(305, 284, "clearly faster", small=True)
    diagram.box(60, 272, 75, 6)
    diagram.words(96, 292, "not faster", small=True)
    diagram.box(170, 282, 90, 6)
    diagram.words(215, 300, "undecided", small=True)
    diagram.box(50, 330, 280, 44, "all rounds on one side,\nor no winner", small=True)
    return diagram
