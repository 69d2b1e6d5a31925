"""`execute`, `run` and `sweep` follow the same rules: one runner is under all three."""

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from sidebyside_book import cli

RAISES = ["raises-exception"]
NOTEBOOKS = {
    "raises, as its tag says": (["1 / 0"], RAISES, {}, ""),
    "leaves as if all were well": (
        ["import sys\nsys.exit(0)", "1 / 0"],
        [],
        {},
        "SystemExit",
    ),
    "is slower than it says": (
        ["import time\ntime.sleep(60)"],
        [],
        {"execution": {"timeout": 1}},
        "CellTimeoutError",
    ),
    "takes the kernel along": (["import os\nos._exit(0)"], [], {}, "DeadKernelError"),
}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        *((command, name) for command in ("execute", "run") for name in NOTEBOOKS),
        ("sweep", "raises, as its tag says"),
        ("sweep", "leaves as if all were well"),
    ],
)
def test_a_notebook_ends_in_the_same_way_whoever_runs_it(
    tmp_path: Path, command: str, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sources, tags, metadata, error = NOTEBOOKS[name]
    (tmp_path / "_config.yml").write_text("title: T\n")
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapters/01_one\n"
    )
    (tmp_path / "chapters").mkdir()
    cells = [
        v4.new_code_cell(source, id=f"cell-{i}", metadata={"tags": tags})
        for i, source in enumerate(sources)
    ]
    notebook = v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.write(notebook, tmp_path / "chapters/01_one.ipynb")
    more = ["--over", "backend=jax", "--jobs", "1"] if command == "sweep" else []
    status = cli.main([command, "1", "--book", str(tmp_path), *more])
    said = capfd.readouterr()
    assert status == int(bool(error)), said
    assert error in said.out + said.err
