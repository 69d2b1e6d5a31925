"""To which lane an imported module belongs."""

from sidebyside_book.chapter import LANES

PACKAGES = {"torch": "pytorch", "torchvision": "pytorch", "tensorflow": "tensorflow"}
PACKAGES |= {"keras": "keras", "tf_keras": "keras", "jax": "jax", "flax": "jax"}
PACKAGES |= {"lightning": "lightning", "pytorch_lightning": "lightning"}
OURS = {"sidebyside.tfcore": "tensorflow"}
OURS |= {f"sidebyside.lanes.{lane}": lane for lane in LANES}


def owner(module: str) -> str | None:
    """Return the lane, or the other framework, that a module belongs to.

    Args:
        module: Its dotted name, or that of a thing in it: `torch.nn.Linear`.

    Returns:
        None if it belongs to none, as NumPy does.
    """
    for prefix, lane in OURS.items():
        if f"{module}.".startswith(f"{prefix}."):
            return lane
    parts = module.split(".")
    is_tf_keras = parts[0] == "tensorflow" and "keras" in parts
    return "keras" if is_tf_keras else PACKAGES.get(parts[0])
