"""Three levels at which Keras can be used, and what you write on each."""

from sidebyside.diagrams._draw import Diagram

LEVELS = (
    ("fit", "any backend", ()),
    ("fit, with your own\ntrain_step", "its gradients:\none backend", (2,)),
    ("a loop of your own", "its gradients:\none backend", (0, 1, 2)),
)
"""The level, where its code runs, and which of the parts you write."""
PARTS = ("epochs and batches", "callbacks", "four moves")


def keras_levels() -> Diagram:
    """Return the diagram of the levels: who writes which part of a run."""
    diagram = Diagram(
        "Three levels of Keras",
        "With fit, Keras does everything and the code runs on any backend. With a "
        "train_step of your own you write the four moves, whose gradients belong to "
        "one backend, and fit keeps epochs, batches and callbacks. With a loop of "
        "your own you write all of it, and the gradients belong to one backend, too.",
        height=264,
    )
    for index, (name, where, yours) in enumerate(LEVELS):
        x = 6 + 126 * index
        diagram.box(x, 6, 118, 44, name, small=True)
        for row, what in enumerate(PARTS):
            mine = row in yours
            diagram.box(
                x,
                62 + 46 * row,
                118,
                38,
                f"{what}\n{'you' if mine else 'Keras'}",
                lane=None if mine else "keras",
                dashed=mine,
                small=True,
            )
        diagram.words(x + 59, 216, where, small=True)
    diagram.words(190, 252, "Solid green: Keras does it. Dashed: you do.", small=True)
    return diagram
