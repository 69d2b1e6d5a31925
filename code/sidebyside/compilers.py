"""How a function runs: eagerly, as a graph, or as a compiler's code; asked, not told.

A race that says "compiled" must have raced compiled code. These functions look at what
the frameworks themselves know of a function that has run.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

EAGER, GRAPH, XLA, INDUCTOR = "eager", "graph", "XLA", "inductor"

_KERNEL = re.compile(r"\w*fused_\w+")
"""What inductor calls a kernel: after the operations that it fused."""


def way(function: Callable[..., Any], *inputs: Any) -> str:
    """Return how a function of TensorFlow or a method of a Keras model runs.

    Args:
        function: A plain function, a `tf.function`, or a method such as
            `model.predict_on_batch`.
        inputs: What it is called with, any shape; TensorFlow shows the code of XLA for
            given inputs only.

    Returns:
        `"eager"`, `"graph"` or `"XLA"`. A Keras model that is not told to use XLA and
        does not run eagerly counts as a graph, on every backend.
    """
    model = getattr(function, "__self__", None)
    if hasattr(model, "run_eagerly") and hasattr(model, "jit_compile"):
        return EAGER if model.run_eagerly else XLA if model.jit_compile else GRAPH
    if not hasattr(function, "experimental_get_compiler_ir"):
        return EAGER
    try:
        function.experimental_get_compiler_ir(*inputs)
    except ValueError:  # not compiled by XLA
        return GRAPH
    return XLA


def fused(cache: Path, operation: str) -> bool:
    """Say whether PyTorch's compiler wrote a kernel for an operation.

    Args:
        cache: The folder of `TORCHINDUCTOR_CACHE_DIR`.
        operation: A name such as `"silu"`, which stands in the kernel's name.
    """
    texts = (path.read_text(errors="ignore") for path in Path(cache).rglob("*.py"))
    return any(operation in name for text in texts for name in _KERNEL.findall(text))
