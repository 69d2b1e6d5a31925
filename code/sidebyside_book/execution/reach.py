"""Which of the installed distributions a kernel reaches that runs some code.

It begins with the names that the code imports, or has as a whole string (a name that
is imported later, or handed to another Python), and goes on through what these
distributions require. Rather too many than too few: a requirement counts that is not
meant for this system, but installed. One of an extra counts where the extra is asked
for, so that a framework's tests and documentation bring nothing in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

KERNEL = ("ipykernel",)
"""What every kernel runs, whatever its code imports."""

OPTIONAL = ("brotli", "msgpack", "pyarrow", "tabulate")
"""What libraries import where it is installed, and require only through an extra."""

_NAMES = re.compile(r"\bimport\s+([^\n]+)|\bfrom\s+([\w.]+)|[\"']([\w.-]+)[\"']")
_WORD = re.compile(r"[\w.-]+")
_REQUIREMENT = re.compile(r"\s*([\w.-]+)\s*(?:\[([^]]*)\])?")
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Installed:
    """The distributions that a kernel finds."""

    versions: Mapping[str, Sequence[str]]
    """Name, as `normal` writes it -> every version of that name, as a rule one."""
    requires: Mapping[str, Sequence[str]]
    """Name -> its requirements, as its metadata have them."""
    modules: Mapping[str, Sequence[str]]
    """Module of the top level -> names of the distributions that bring it."""


def installed(
    distributions: Iterable[tuple[str, str, Sequence[str]]],
    modules: Mapping[str, Sequence[str]],
) -> Installed:
    """Return what `own/look.py` has found, by name.

    Args:
        distributions: Name, version and requirements of each.
        modules: Module of the top level -> names of distributions.
    """
    versions: dict[str, list[str]] = {}
    requires: dict[str, list[str]] = {}
    for name, version, requirements in distributions:
        versions.setdefault(normal(name), []).append(version)
        requires.setdefault(normal(name), []).extend(requirements)
    named = {module: list(map(normal, names)) for module, names in modules.items()}
    return Installed(versions, requires, named)


def named(code: str) -> set[str]:
    r"""Return the words of some code that may name a package.

    Example:
        >>> sorted(named("import numpy as np, jax.numpy\nfind_spec('onnx')"))
        ['as', 'jax.numpy', 'np', 'numpy', 'onnx']
    """
    return {
        word
        for match in _NAMES.finditer(code)
        for word in _WORD.findall(next(filter(None, match.groups())))
    }


def reached(words: Iterable[str], here: Installed) -> list[str]:
    """Return `name==version` of every distribution that the words lead to.

    Args:
        words: As `named` returns them.
        here: What is installed.
    """
    first = {name for word in {*words, *KERNEL, *OPTIONAL} for name in _of(word, here)}
    waiting = [(name, frozenset[str]()) for name in first]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        new = set(_required(here.requires[name], extras, here)) - seen
        seen |= new
        waiting += new
    return sorted({f"{n}=={v}" for n, _ in seen for v in here.versions[n]})


def normal(name: str) -> str:
    """Return a distribution's name as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _of(word: str, here: Installed) -> set[str]:
    """Return the distributions of that name, or with a module of that name."""
    names = {normal(word), *here.modules.get(word.partition(".")[0], ())}
    return names & here.versions.keys()


def _required(
    requirements: Sequence[str], extras: frozenset[str], here: Installed
) -> Iterable[tuple[str, frozenset[str]]]:
    """Yield the installed distributions that are required, with the extras asked for.

    Args:
        requirements: Those of one distribution.
        extras: The extras of that distribution that were asked for.
        here: What is installed.
    """
    for requirement in requirements:
        only_for = set(map(normal, _EXTRA.findall(requirement)))
        match = _REQUIREMENT.match(requirement)
        if match is None or (only_for and not only_for & extras):
            continue
        if normal(match[1]) in here.versions:
            asked = filter(None, map(normal, (match[2] or "").split(",")))
            yield normal(match[1]), frozenset(asked)
