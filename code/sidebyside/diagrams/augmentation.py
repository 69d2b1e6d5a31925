"""Where each lane changes its images at random, between the arrays and the model."""

from sidebyside.diagrams._draw import Diagram
from sidebyside.plots import LANES

PATHS = {
    "pytorch": (
        "arrays",
        "DataLoader: shuffle",
        "augment",
        "DataLoader: batch",
        "model",
    ),
    "tensorflow": ("arrays", "shuffle", "map: augment", "batch", "model"),
    "keras": ("arrays", "fit: shuffle", "fit: batch", "augment", "model"),
}
"""What an image passes through in each lane."""
HOW = {
    "pytorch": "one image,\nby the Dataset",
    "tensorflow": "one image,\nin the pipeline",
    "keras": "a batch, by layers\nbefore the model",
}
WIDTH, STEP, TOP = 118.0, 52.0, 44.0


def augmentation() -> Diagram:
    """Return the diagram of three paths, with the augmentation marked in each."""
    diagram = Diagram(
        "Where augmentation sits in each lane",
        "Three paths from the arrays to the model. In PyTorch the DataLoader "
        "shuffles, the Dataset changes each image, the DataLoader makes batches. In "
        "TensorFlow a map in the tf.data pipeline changes each image between shuffle "
        "and batch. In Keras fit shuffles and makes batches, and layers before the "
        "model change the whole batch, in training mode only.",
        height=TOP + STEP * 5 + 44,
    )
    for column, (lane, path) in enumerate(PATHS.items()):
        x, above = 8 + 124.0 * column, None
        diagram.words(x + WIDTH / 2, 20, LANES[lane].label, bold=True, lane=lane)
        for row, name in enumerate(path):
            marked = "augment" in name
            y = TOP + STEP * row
            box = diagram.box(
                x, y, WIDTH, 30, name, lane=lane if marked else None, small=not marked
            )
            if above:
                diagram.arrow(above.bottom, box.top)
            above = box
        foot = TOP + STEP * len(path) + 8
        diagram.words(x + WIDTH / 2, foot, HOW[lane], small=True)
    return diagram
