"""The sources of `sidebyside`, read and not imported: where a helper is defined."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sidebyside

ROOT = Path(sidebyside.__file__).parent


@dataclass(frozen=True)
class Import:
    """What an import binds that leads out of the package."""

    statement: str


@dataclass(frozen=True)
class Module:
    """A module of the package."""

    name: str


@dataclass(frozen=True, order=True)
class Member:
    """A name that a module of the package defines."""

    module: str
    name: str


Thing = Import | Module | Member


def is_module(name: str) -> bool:
    """Say whether the package has a module of this full name."""
    return _path(name) is not None


@cache
def parsed(module: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(text(module))


@cache
def text(module: str) -> str:
    """Return the source of a module.

    Raises:
        ValueError: If the package has no such module.
    """
    path = _path(module)
    if path is None:
        raise ValueError(f"lanes: expected a module of the package, received {module}")
    return path.read_text(encoding="utf-8")


def _path(module: str) -> Path | None:
    package, *inside = module.split(".")
    if package != ROOT.name:
        return None
    place = ROOT.joinpath(*inside)
    places = [place / "__init__.py", place.with_suffix(".py")]
    return next((path for path in places if path.is_file()), None)


@cache
def globals_of(module: str) -> dict[str, Thing]:
    """Return what the names of a module mean."""
    meanings: dict[str, Thing] = {}
    for node in parsed(module).body:
        meanings |= _imported(node)
        meanings |= {name: Member(module, name) for name in defined_by(node)}
    return meanings


def defined_by(node: ast.stmt) -> list[str]:
    """Return the names that a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = (n for target in targets for n in ast.walk(target))
        return [name.id for name in names if isinstance(name, ast.Name)]
    return []


def _imported(node: ast.stmt) -> dict[str, Thing]:
    meanings: dict[str, Thing] = {}
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            meanings[name] = imported(node, alias)
    return meanings


def imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> Thing:
    """Return what one name of an import stands for."""
    if isinstance(node, ast.ImportFrom) and is_module(node.module or ""):
        return member(node.module, alias.name)
    statement = (
        ast.ImportFrom(node.module, [alias])
        if isinstance(node, ast.ImportFrom)
        else ast.Import([alias])
    )
    return Import(ast.unparse(statement))


def member(module: str, name: str) -> Thing:
    """Return what `module.name` is, wherever it is defined.

    Raises:
        ValueError: If the module has no such name.
    """
    own = _own(module, name)
    if own is not None:
        return own
    if is_module(f"{module}.{name}"):
        return Module(f"{module}.{name}")
    raise ValueError(f"lanes: expected a name of {module}, received {name!r}")


def _own(module: str, name: str) -> Thing | None:
    """Return what a name means that a module imports or defines; None for others."""
    for node in reversed(parsed(module).body):
        if name in defined_by(node):
            return Member(module, name)
        if name in _names_imported(node):
            return _imported(node)[name]
    return None


def _names_imported(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return []
    return [alias.asname or alias.name.split(".")[0] for alias in node.names]
