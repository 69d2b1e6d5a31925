"""Run a program, or a notebook, where some packages can't be imported.

`WITHOUT="torch jax" python alone.py FILE`. Such a package can still be found, as
TensorFlow asks where Keras is; but to import it fails as if it were not installed.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

START = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import alone
alone.block()
sys.path.pop(0)
"""
"""What a kernel runs before the notebook."""


class Refuses(Loader):
    """Loads nothing."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Say that there is no such module."""
        raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Never be asked: nothing was created."""


class Without(MetaPathFinder):
    """Finds some packages so that they can't be loaded."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = packages

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return where a blocked module is, with a loader that refuses."""
        if fullname.split(".")[0] not in self.packages:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None:
            spec.loader = Refuses()
        return spec


def block() -> None:
    """Block the packages that `WITHOUT` names."""
    sys.meta_path.insert(0, Without(os.environ["WITHOUT"].split()))


def run_notebook(path: Path) -> None:
    """Execute a notebook in place."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)
    start = nbformat.v4.new_code_cell(START)
    notebook.cells.insert(0, start)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    notebook.cells.pop(0)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    if file.suffix == ".ipynb":
        run_notebook(file)
    else:
        block()
        sys.path[0] = os.getcwd()
        sys.argv = sys.argv[1:]
        runpy.run_path(str(file), run_name="__main__")
