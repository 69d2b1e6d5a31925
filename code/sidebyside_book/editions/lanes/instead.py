"""Helpers that need the book's files or a notebook, and what a program has instead."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sidebyside import _tables as tables
from sidebyside._files import data_file
from sidebyside_book.editions.lanes import package
from sidebyside_book.editions.lanes.package import Member

NOT_ALONE = (
    "sidebyside._files",
    "sidebyside._tables",
    "sidebyside.datasets._catalogue",
)
"""Modules that read the book's own files; no program can have them written in."""

_CATALOGUE = "sidebyside.datasets._catalogue"
_SHIPPED = "sidebyside.datasets._shipped"
_DOWNLOAD = "sidebyside.datasets._download"


@dataclass(frozen=True)
class Written:
    """What is written into a program in place of a helper, and what it imports."""

    source: str
    imports: tuple[str, ...] = ()


def instead(program: str) -> dict[Member, Written]:
    """Return helper -> what a program has instead.

    The catalogue of data sets becomes code, with no more rows than the program may ask
    for. Where it names no public data set, nothing in it downloads.

    Args:
        program: The text of the program.
    """
    catalogue = tables.read(data_file("datasets.yaml"))
    named = {name for name in catalogue if re.search(rf"\b{name}\b", program)}
    public = {name for name in named if catalogue[name].get("files")}
    bundled = {name for name in catalogue if not catalogue[name].get("files")}
    rows = {name: catalogue[name] for name in catalogue if name in bundled | public}
    made = {
        Member(_CATALOGUE, "entry"): Written(
            _entry(rows), ("from types import SimpleNamespace",)
        ),
        Member(_CATALOGUE, "check_sha256"): Written(
            _definition(_CATALOGUE, "check_sha256"),
            ("import hashlib", "import numpy as np"),
        ),
        Member(_SHIPPED, "shipped"): Written(_BESIDE, ("from pathlib import Path",)),
        Member("sidebyside.records", "emit"): Written(
            'def emit(kind, fields, *, as_html, as_text):\n    """Print a table."""\n'
            "    print(as_text)"
        ),
    }
    if not public:
        made |= {Member(_DOWNLOAD, name): _no_download(name) for name in _PUBLIC}
    return made


_PUBLIC = ("download", "read")
_BESIDE = '''\
def shipped(name):
    """Return a data file: the one in this folder, or else from its address."""
    here = Path(entry(name).shipped.name)
    return here if here.exists() else fetch(name)
'''


def _no_download(name: str) -> Written:
    return Written(
        f'def {name}(name, *rest, **options):\n    """Refuse what is not bundled."""\n'
        '    raise ValueError(f"expected a bundled data set, received {name!r}")'
    )


def _entry(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the catalogue of data sets as code: what loaders ask it for."""
    entries = []
    for name, row in rows.items():
        known = {"shape": row.get("shape"), "classes": row.get("classes", ())}
        if "sha256" in row:
            known["sha256"] = row["sha256"]
        inner = {key: _spaces(row.get(key, [])) for key in ("files", "installed")}
        for key in ("shipped", "package"):
            inner[key] = _namespace(row[key]) if key in row else "None"
        entries.append(f"{name!r}: {_namespace(known, inner)}")
    return (
        'def entry(name):\n    """Return what loaders must know of a data set."""\n'
        f"    return {{{', '.join(entries)}}}[name]"
    )


def _spaces(rows: Sequence[Mapping[str, Any]]) -> str:
    return f"[{', '.join(map(_namespace, rows))}]"


def _namespace(fields: Mapping[str, Any], code: Mapping[str, str] | None = None) -> str:
    """Return a namespace as code, of values and of what is code already."""
    arguments = [f"{key}={value!r}" for key, value in fields.items()]
    arguments += [f"{key}={text}" for key, text in (code or {}).items()]
    return f"SimpleNamespace({', '.join(arguments)})"


def _definition(module: str, name: str) -> str:
    """Return the source of a helper as it stands in the package."""
    nodes = package.parsed(module).body
    node = next(node for node in nodes if name in package.defined_by(node))
    return str(ast.get_source_segment(package.text(module), node))
