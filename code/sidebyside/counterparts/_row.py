"""One row of the table of counterparts."""

from dataclasses import dataclass

AFFINE = ("kernel", "bias")


@dataclass(frozen=True)
class Counterpart:
    """One kind of layer.

    Attributes:
        kind: What it is called here.
        pytorch: Its classes in `torch`: `"nn.Linear"`.
        tensorflow: Its classes in `sidebyside`: `"tfcore.Dense"`.
        keras: Its classes in `keras`: `"layers.Dense"`.
        weights: Neutral names of its weights.
        note: What to know of the settings, or where a lane lacks it.
        instead: If `get_weights` refuses it: what to do instead, in the very words.
    """

    kind: str
    pytorch: tuple[str, ...] = ()
    tensorflow: tuple[str, ...] = ()
    keras: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    note: str = ""
    instead: str = ""


def each(stem: str, *ends: str) -> tuple[str, ...]:
    """Return names that begin alike."""
    return tuple(stem + end for end in ends)


def in_1_2_3(*stems: str) -> tuple[str, ...]:
    """Return PyTorch's names of a layer of one, two and three dimensions."""
    return tuple(f"{stem}{n}d" for stem in stems for n in (1, 2, 3))
