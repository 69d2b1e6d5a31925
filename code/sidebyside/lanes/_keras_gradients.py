"""Loss and gradients of a Keras model, on each backend.

Keras itself has no gradient function that works on every backend, so this is the one
place where the Keras lane must know which framework it stands on.
"""

from collections.abc import Callable
from typing import Any

import keras


def loss_and_gradients(
    model: keras.Model, loss_fn: Callable[[Any, Any], Any], X: Any, y: Any
) -> tuple[Any, dict[int, Any]]:
    """Return the training-mode loss and its gradients.

    Args:
        model: A built model.
        loss_fn: `loss_fn(targets, outputs)` -> scalar tensor.
        X: Inputs, a tensor of the backend.
        y: Targets, a tensor of the backend.

    Returns:
        The scalar loss, and the gradient by `id` of each trainable `keras.Variable`.

    Raises:
        ValueError: If the backend has no gradients (NumPy, OpenVINO).
    """
    backends = {"tensorflow": _tensorflow, "torch": _torch, "jax": _jax}
    name = keras.config.backend()
    if name not in backends:
        raise ValueError(
            f"loss_and_gradients: expected one of the backends {sorted(backends)}, "
            f"received {name!r}"
        )
    loss, gradients = backends[name](model, loss_fn, X, y)
    ids = [id(v) for v in model.trainable_variables]
    return loss, dict(zip(ids, gradients, strict=True))


def _tensorflow(model: Any, loss_fn: Any, X: Any, y: Any) -> tuple[Any, list[Any]]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(X, training=True))
    values = [v.value for v in model.trainable_variables]
    zero = tf.UnconnectedGradients.ZERO  # for a weight that the loss does not reach
    gradients = tape.gradient(loss, values, unconnected_gradients=zero)
    return loss, [tf.convert_to_tensor(g) for g in gradients]


def _torch(model: Any, loss_fn: Any, X: Any, y: Any) -> tuple[Any, list[Any]]:
    import torch

    loss = loss_fn(y, model(X, training=True))
    values = [v.value for v in model.trainable_variables]
    gradients = torch.autograd.grad(loss, values, materialize_grads=True)
    return loss.detach(), list(gradients)


def _jax(model: Any, loss_fn: Any, X: Any, y: Any) -> tuple[Any, list[Any]]:
    import jax

    variables = model.trainable_variables

    def loss_of(values: list[Any]) -> Any:
        # Not `stateless_call`: it hands `training` to a `call` that may not take it.
        with keras.StatelessScope(zip(variables, values, strict=True)):
            return loss_fn(y, model(X, training=True))

    return jax.value_and_grad(loss_of)([v.value for v in variables])
