"""Names say what a thing is, and are imported from where they are defined."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CODE = Path(__file__).parents[2] / "code"
VAGUE = {"one", "found", "told", "it"}


def module(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def vague(tree: ast.Module) -> Iterator[str]:
    """Yield the vague names of variables, arguments, functions; not of fields."""
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    parts = [part for kind in classes for part in kind.body]
    fields = [part.target for part in parts if isinstance(part, ast.AnnAssign)]
    for node in ast.walk(tree):
        name = getattr(node, "arg", None) or getattr(node, "name", None)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        if isinstance(name, str) and name.strip("_") in VAGUE and node not in fields:
            yield f"line {getattr(node, 'lineno', '?')}: {name}"


def test_names_say_what_a_thing_is() -> None:
    files = sorted(CODE.rglob("*.py"))
    wrong = {str(p.relative_to(CODE)): list(vague(module(p))) for p in files}
    assert {name: names for name, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    "code", ["it = 1", "def _told(): ...", "def f(one): ...", "[x for found in y]"]
)
def test_a_vague_name_is_seen(code: str) -> None:
    assert len(list(vague(ast.parse(code)))) == 1


def handed_on(path: Path) -> set[str]:
    """Return the names that a module has itself imported from another."""
    imports = (n for n in ast.walk(module(path)) if isinstance(n, ast.ImportFrom))
    return {alias.asname or alias.name for node in imports for alias in node.names}


def test_what_is_imported_is_defined_there() -> None:
    """A package may gather names in its `__init__`; a module hands on none."""
    known = {path: handed_on(path) for path in CODE.rglob("*.py")}
    wrong = []
    for path in known:
        for node in ast.walk(module(path)):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            home = CODE / f"{node.module.replace('.', '/')}.py"
            names = {alias.name for alias in node.names} & known.get(home, set())
            wrong += [f"{path.relative_to(CODE)}: {name} of {home}" for name in names]
    assert wrong == []
