"""What the book imports is pinned, once."""

import ast
import json
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = {"sidebyside", "sidebyside_book"}
OWN |= {p.stem for name in ("tests/**", ".ci") for p in ROOT.glob(f"{name}/*.py")}
WEIGHTS = "requirements-weights.txt"
OPTIONAL = {"grain"}
"""What a chapter imports only if a parameter of it asks for it, and says so."""
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[0-9][A-Za-z0-9.]*)")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = {}
    for line in filter(None, (line.split("#")[0].strip() for line in lines)):
        match = PIN.fullmatch(line)
        assert match, f"{file}: expected NAME==VERSION, received {line!r}"
        assert _normal(match["name"]) not in found, f"{file}: {line} is there twice"
        found[_normal(match["name"])] = match["version"]
    return found


def _sources() -> list[tuple[str, str]]:
    """Return the Python of modules and notebooks; magics are left out."""
    modules = [*ROOT.glob("code/**/*.py"), *ROOT.glob("tests/**/*.py")]
    found = [(path.name, path.read_text(encoding="utf-8")) for path in modules]
    for path in ROOT.glob("chapters/*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                code = [re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in lines]
                found.append((f"{path.name}, {cell['id']}", "\n".join(code)))
    return found


def _imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - OWN


@pytest.fixture(scope="module")
def direct() -> dict[str, str]:
    return _pins("requirements.txt")


def test_every_import_is_a_direct_dependency(direct):
    """Real weights, and what reads them, are installed for the moves only."""
    distributions, weights = metadata.packages_distributions(), _pins(WEIGHTS)
    unpinned = set()
    for where, source in _sources():
        for name in _imported(source):
            candidates = {_normal(found) for found in distributions.get(name, [name])}
            if not candidates & (direct.keys() | weights.keys() | OPTIONAL):
                unpinned.add(f"{name} ({where})")
    assert not unpinned


def test_what_the_package_needs_is_pinned(direct):
    needed = [
        re.split(r"[^A-Za-z0-9._-]", r)[0] for r in metadata.requires("sidebyside")
    ]
    assert {_normal(name) for name in needed} <= direct.keys()


def test_nothing_is_pinned_twice(direct):
    assert not direct.keys() & _pins("constraints.txt").keys()


def test_all_that_is_pulled_in_is_pinned(direct):
    """Follow what the direct dependencies require on this machine."""
    pinned = direct | _pins("constraints.txt")
    waiting, seen = list(direct), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += _required(name)
    assert seen <= pinned.keys(), f"not pinned: {sorted(seen - pinned.keys())}"


def _required(name: str) -> list[str]:
    from packaging.requirements import Requirement

    found = map(Requirement, metadata.requires(name) or [])
    here = {"extra": ""}
    return [_normal(r.name) for r in found if not r.marker or r.marker.evaluate(here)]


def test_what_is_pinned_is_what_is_installed(direct):
    installed = {name: metadata.version(name).split("+")[0] for name in direct}
    assert installed == direct


def test_tensorflow_is_the_one_that_installs_everywhere(direct):
    assert "tensorflow" in direct
    assert not {"tensorflow-cpu", "tensorflow-intel"} & direct.keys()
