"""Makes `data/chelsea.npz` from the photo in the wheel of scikit-image.

    pip download --no-deps scikit-image==0.26.0
    unzip -d unpacked scikit_image-0.26.0-*.whl
    .venv/bin/python .ci/make_chelsea.py unpacked/skimage/data/chelsea.png

It takes the largest square in the middle, and scales it to 224 x 224 pixels.
"""

import hashlib
import sys
from pathlib import Path

import bundle
import numpy as np
from PIL import Image

SIDE = 224
"""Of the square [pixels]."""
SOURCE = "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"
"""sha256 of the photo, as `skimage/data/_registry.py` has it."""


def square(image: Image.Image) -> np.ndarray:
    """Return the largest square in the middle: (SIDE, SIDE, 3), uint8."""
    side = min(image.size)
    left, top = ((n - side) // 2 for n in image.size)
    cut = image.crop((left, top, left + side, top + side))
    return np.asarray(cut.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def main(path: Path) -> None:
    """Write the photo, and print what the catalogue has to say of it.

    Raises:
        ValueError: If the source is another file.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SOURCE:
        raise ValueError(f"{path}: expected sha256 {SOURCE}, received {digest}")
    with Image.open(path) as image:
        photo = square(image.convert("RGB"))
    bundle.keep("chelsea", photo=photo)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
