"""What each chapter does: one task, three programs, and numbers that are compared."""

from sidebyside.diagrams._draw import Diagram, lane_name

PROGRAMS = {
    "pytorch": "nn.Module\nautograd",
    "tensorflow": "tf.Variable\nGradientTape",
    "keras": "layers\nfit",
}
"""Lane -> two names that its readers know it by."""
WIDTHS, GAP, LEFT = 114.0, 13.0, 6.0


def three_programs() -> Diagram:
    """Return the diagram of the book's idea: what goes in, and what is compared."""
    diagram = Diagram(
        "One task, three programs",
        "The same starting weights and the same batches go into three programs, one "
        "in PyTorch, one in TensorFlow core and one in Keras. What the programs give, "
        "losses, gradients and trained weights, is compared number by number. If the "
        "numbers are equal, the three programs are one model.",
        height=262,
    )
    given = diagram.box(50, 6, 280, 32, "same weights, same batches, one task")
    compared = diagram.box(50, 186, 280, 32, "losses, gradients, weights: compared")
    for place, (lane, names) in enumerate(PROGRAMS.items()):
        x = LEFT + (WIDTHS + GAP) * place
        program = diagram.box(x, 74, WIDTHS, 76, lane=lane)
        middle = program.top[0]
        diagram.words(middle, 92, lane_name(lane), bold=True, lane=lane)
        diagram.words(middle, 115, names, small=True)
        diagram.arrow((middle, given.bottom[1]), program.top)
        diagram.arrow(program.bottom, (middle, compared.top[1]))
    diagram.words(190, 242, "all equal: three programs, one model", bold=True)
    return diagram
