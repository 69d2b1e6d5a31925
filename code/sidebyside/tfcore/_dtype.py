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
        TypeError: If it is no dtype.
        ValueError: If it is not a floating one.
    """
    if dtype is None:
        raise TypeError("set_default_dtype: expected a floating dtype, received None")
    _default["dtype"] = floating("set_default_dtype", dtype)


def floating(who: str, dtype: tf.DType | str | None) -> tf.DType:
    """Return a dtype that weights may have; the default if none is asked for.

    Raises:
        TypeError: If it is no dtype.
        ValueError: If it is not a floating one.
    """
    if dtype is None:
        return default_dtype()
    try:
        kind = tf.as_dtype(dtype)
    except TypeError as error:
        raise TypeError(
            f"{who}: expected a floating dtype, received dtype={dtype!r}"
        ) from error
    if not kind.is_floating:
        raise ValueError(f"{who}: expected a floating dtype, received {kind.name!r}")
    return kind
