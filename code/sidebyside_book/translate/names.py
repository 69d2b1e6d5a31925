"""The names in a line of code, and the one that a question is about."""

import ast
import re
from collections.abc import Iterator
from functools import cache

SHORT = {
    "tensorflow": "tf",
    "tf.keras": "keras",
    "np": "",
    "numpy": "",
    "jnp": "",
    "tnp": "tf.experimental.numpy",
    "F": "torch.nn.functional",
    "functional": "torch.nn.functional",
    "nn": "torch.nn",
    "optim": "torch.optim",
    "init": "torch.nn.init",
    "dist": "torch.distributed",
    "K": "keras.ops",
    "ops": "keras.ops",
    **{
        module: f"keras.{module}"
        for module in (
            "activations",
            "callbacks",
            "initializers",
            "layers",
            "losses",
            "metrics",
            "optimizers",
            "regularizers",
        )
    },
}
"""How people import modules -> the module's own name; empty: any framework's."""

ROOTS = ("torch", "tf", "tfcore", "keras")


def asked(text: str) -> str:
    """Return the name that a question is about, with the module's own name.

    A call stands for its function, a method for itself: `layers.Dense(10)` asks for
    `keras.layers.Dense`, `x.detach()` for `detach`. Words stay as they are.
    """
    code = text.strip().lstrip("@.").removeprefix("with ").rstrip(":")
    name = head(code) or re.split(r"[(\[]", code)[0].strip()
    if " " in name:
        return name
    for short, module in SHORT.items():
        if name.startswith(f"{short}."):
            name = f"{module}{name[len(short) :]}".lstrip(".")
    return name if name.split(".")[0] in ROOTS else last(name)


def last(name: str) -> str:
    """Return what stands behind a name's last dot."""
    return name.rsplit(".", 1)[-1]


def fold(text: str) -> str:
    """Return a text without case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]", "", text.lower())


def family(name: str) -> str:
    """Return what `BatchNorm2d` and `batch_norm` have in common: `batchnorm`."""
    return re.sub(r"([123]d|loss)$", "", fold(last(name))) or fold(last(name))


@cache
def inside(line: str) -> tuple[str, ...]:
    """Return all dotted names of a line of code, without those of NumPy.

    What is called on a result begins with the dot: `.mean` of `(a == b).mean()`.
    """
    nodes = [n for n in ast.walk(ast.parse(line)) if isinstance(n, ast.Attribute)]
    names = [_dotted(node) or f".{node.attr}" for node in nodes]
    return tuple(name for name in names if not name.startswith("np."))


@cache
def head(line: str) -> str | None:
    """Return the name that a line of code begins with, or None.

    `torch.max(x, dim=1).values` begins with `torch.max`; `A @ B` with no name, and what
    isn't Python neither.
    """
    try:
        return next(filter(None, map(_first, _expressions(line))), None)
    except (SyntaxError, ValueError):  # bytes that are no text come as surrogates
        return None


def _expressions(line: str) -> Iterator[ast.AST]:
    for statement in ast.parse(line).body:
        if isinstance(statement, ast.With):
            yield statement.items[0].context_expr
        elif isinstance(statement, ast.Expr | ast.Assign):
            yield statement.value


def _first(node: ast.AST) -> str | None:
    """Return the leftmost dotted name of an expression."""
    while not (name := _dotted(node)):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            return None
    return name


def _dotted(node: ast.AST) -> str | None:
    """Return `a.b.c` if the node is that, or None."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return before and f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else None
