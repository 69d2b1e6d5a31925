"""The dtype of weights where a layer is not told one.

TensorFlow core has no such default; PyTorch has `torch.set_default_dtype`, Keras
`keras.config.set_floatx`. The proofs of the book build the very models that are shown
in float64, and so need one here, too.
"""

import tensorflow as tf

_default = {"dtype": tf.float32}


def default_dtype() -> tf.DType:
    """Return the dtype of weights for which no other is asked: float32 at first."""
    return _default["dtype"]


def set_default_dtype(dtype: tf.DType | str) -> None:
    """Set the dtype of weights for which no other is asked.

    Args:
        dtype: A floating dtype, or its name.

    Raises:
        ValueError: If it is not a floating dtype.
    """
    kind = tf.as_dtype(dtype)
    if not kind.is_floating:
        raise ValueError(
            f"set_default_dtype: expected a floating dtype, received {kind.name!r}"
        )
    _default["dtype"] = kind
