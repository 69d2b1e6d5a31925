"""Which names a program takes from its framework: what must be known to write it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sidebyside.size import parsed

_BUILT_IN = frozenset(
    name
    for kind in (str, bytes, list, tuple, dict, set, int, float, Path)
    for name in dir(kind)
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LABELS = frozenset({"name"})
"""Arguments whose text the author of a program chooses freely."""


@dataclass(frozen=True)
class Vocabulary:
    """The names that a program takes from elsewhere: what must be known to write it.

    Attributes:
        framework: What is reached from an import of the framework, with its full name:
            `torch.nn.Linear`.
        methods: Attributes of objects that neither the program nor Python's own types
            define, read or set: `backward`, `trainable`. Also the methods that a class
            of the program defines and only the framework calls: `forward`.
        arguments: Names of arguments, and words as their values, in calls of these:
            `from_logits`, `relu`.
        outside: What is reached from all other imports, with its full name.
    """

    framework: frozenset[str]
    methods: frozenset[str]
    arguments: frozenset[str]
    outside: frozenset[str]

    @property
    def known(self) -> int:
        """How many names of the framework one must know."""
        return len(self.framework) + len(self.methods) + len(self.arguments)


def vocabulary(code: str, *frameworks: str) -> Vocabulary:
    """Return the names that a program takes from a framework, and from elsewhere.

    Objects have no types here, so a method of NumPy counts as one of the framework.

    Args:
        code: A program with its imports.
        frameworks: The packages that count as the framework: `"torch"`.

    Raises:
        ValueError: If the code is no Python.
    """
    tree = parsed(code)
    meant = dict(imports(tree))
    reached = dict(_reached(tree, meant))
    names = frozenset(reached.values())
    chains = {part for whole in reached for part in ast.walk(whole)}
    inside = {name for name in names if name.partition(".")[0] in frameworks}
    own = _defined(tree)
    methods = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node not in chains
        and node.attr not in own | _BUILT_IN
        and not node.attr.startswith("__")
    }
    calls = [
        call
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and (
            reached.get(call.func) in inside
            or (isinstance(call.func, ast.Attribute) and call.func.attr in methods)
        )
    ]
    return Vocabulary(
        frozenset(inside),
        frozenset(methods) | frozenset(_hooks(tree, reached, inside)),
        frozenset(word for call in calls for word in _arguments(call)),
        names - inside,
    )


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what is imported, at any depth: the name, and what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, whole
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _reached(tree: ast.Module, meant: dict[str, str]) -> Iterator[tuple[ast.expr, str]]:
    """Yield each longest chain of attributes that begins with an import."""
    inner = {n.value for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and node not in inner:
            full = _full(node, meant)
            if full:
                yield node, full


def _full(node: ast.expr, meant: dict[str, str]) -> str:
    """Return the full name of a chain of attributes; empty if it begins elsewhere."""
    if isinstance(node, ast.Name):
        return meant.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = _full(node.value, meant)
        return f"{base}.{node.attr}" if base else ""
    return ""


def _defined(tree: ast.Module) -> frozenset[str]:
    """Return what a program defines: functions, classes, attributes of its objects."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    nodes = list(ast.walk(tree))
    fields = {
        part.target.id
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    stored = {n.attr for n in nodes if isinstance(n, ast.Attribute) and _is_own(n)}
    return fields | stored | {node.name for node in nodes if isinstance(node, kinds)}


def _is_own(node: ast.Attribute) -> bool:
    """Say whether a class of the program sets this attribute of its own object."""
    is_self = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
    return is_self and isinstance(node.ctx, ast.Store)


def _hooks(
    tree: ast.Module, reached: dict[ast.expr, str], inside: set[str]
) -> Iterator[str]:
    """Yield methods that a program defines for a framework's class and never calls."""
    read = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            reached.get(base) in inside for base in node.bases
        ):
            for part in node.body:
                is_method = isinstance(part, ast.FunctionDef)
                if is_method and part.name not in read and part.name[:2] != "__":
                    yield part.name


def _arguments(call: ast.Call) -> Iterator[str]:
    """Yield the names of a call's arguments, and the words among their values."""
    for argument in call.args:
        yield from _words(argument)
    for given in call.keywords:
        if given.arg is not None:
            yield given.arg
        if given.arg not in _LABELS:
            yield from _words(given.value)


def _words(value: ast.expr) -> Iterator[str]:
    """Yield the words in a value: texts that are one word, in containers, too."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        parts = value.elts
    elif isinstance(value, ast.Dict):  # its keys are names that the author chose
        parts = value.values
    elif isinstance(value, ast.IfExp):
        parts = [value.body, value.orelse]
    else:
        parts = []
        is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        if is_text and _WORD.fullmatch(value.value):
            yield value.value
    for part in parts:
        yield from _words(part)
