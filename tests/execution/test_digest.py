"""What surrounds a chapter and can change its result changes its key; the rest not."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from sidebyside_book.execution import as_kernel, environment, machine, reach
from sidebyside_book.execution import digest as digests

NOTHING_SEEN = b'{"package": [], "distributions": [], "modules": {}}'
LOAD = """
import json, sys
import IPython, ai_edge_litert.interpreter, ipykernel.kernelapp, jax, keras
import matplotlib.pyplot, onnx, onnxruntime, onnxscript, pooch, psutil, requests, scipy
import sklearn.datasets, tensorflow, tf2onnx, torch, torch._inductor.compile_fx
from importlib import metadata
from statsmodels.datasets import fair

fair.load_pandas()
tops = {name.partition(".")[0] for name in sys.modules}
owners = metadata.packages_distributions()
print(json.dumps([name for top in tops for name in owners.get(top, ())]))
"""
CORE = "vendor_id\t: Other\nmodel\t\t: 85\nflags\t\t: fpu sse2 {}\nbugs\t: none\n\n"


@pytest.fixture
def folder(tmp_path, monkeypatch, new_python) -> Path:
    """A book's folder, and a Python that has its package and one more."""
    package = tmp_path / "code/sidebyside/deep"
    package.mkdir(parents=True)
    for name in ("data", "chapters", "elsewhere", "home"):
        (tmp_path / name).mkdir()
    (package.parent / "__init__.py").write_text("")
    (package / "helper.py").write_text("VALUE = 1")
    (tmp_path / "data/numbers.csv").write_text("1")
    (tmp_path / "elsewhere/linked.csv").write_text("1")
    (tmp_path / "data/link").symlink_to(tmp_path / "elsewhere")
    _distribution(tmp_path / "code", "1.0")
    python = new_python(tmp_path / "venv", tmp_path / "code", alone=True)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(machine, "GPUS", tmp_path / "gpus")
    machine.CPUINFO.write_text(CORE.format("avx2") * 2)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delenv("KMP_DUPLICATE_LIB_OK", raising=False)
    return tmp_path


def _distribution(
    folder: Path,
    version: str,
    name: str = "framework",
    requires: tuple[str, ...] = (),
    module: str = "",
) -> None:
    """Install a distribution with this version, or another version of it."""
    info = folder / f"{name}.dist-info"
    info.mkdir(exist_ok=True, parents=True)
    lines = [f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "top_level.txt").write_text(module or name)


def _chapter(*code: str) -> NotebookNode:
    """Return a notebook with these cells of code, and a word about ruff."""
    text = new_markdown_cell("import ruff")
    return new_notebook(cells=[text, *map(new_code_cell, code)])


CALM = (
    "from sidebyside import plots\nplots.use()  # a reference lane, with the defaults"
)
CODE = ("import framework", "evidence.settle('C01', {})\ndatasets.load_digits()")


def _inputs(folder: Path, chapter: str = "01_one", *code: str) -> dict[str, str]:
    return digests.look(folder).inputs(chapter, _chapter(*(code or CODE)))


def _key(folder: Path, chapter: str = "01_one", *code: str) -> str:
    return digests.look(folder).key(chapter, _chapter(*(code or CODE)))


def _edit_helper(folder, monkeypatch):
    (folder / "code/sidebyside/deep/helper.py").write_text("VALUE = 2")


def _rename_helper(folder, monkeypatch):
    (folder / "code/sidebyside/deep/helper.py").rename(folder / "code/sidebyside/h.py")


def _remove_package(folder, monkeypatch):
    shutil.rmtree(folder / "code/sidebyside")


def _edit_data(folder, monkeypatch):
    (folder / "data/numbers.csv").write_text("2")


def _add_data(folder, monkeypatch):
    (folder / "data/more.csv").write_text("")


def _edit_linked_data(folder, monkeypatch):
    (folder / "elsewhere/linked.csv").write_text("2")


def _edit_data_in_a_circle(folder, monkeypatch):
    (folder / "elsewhere/back").symlink_to(folder / "data")
    (folder / "elsewhere/self").symlink_to(folder / "elsewhere")
    (folder / "elsewhere/linked.csv").write_text("2")


def _module_beside(folder, monkeypatch):
    (folder / "chapters/local.py").write_text("")


def _package_beside(folder, monkeypatch):
    (folder / "chapters/numpy").mkdir()
    (folder / "chapters/numpy/__init__.py").write_text("")


def _data_beside(folder, monkeypatch):
    (folder / "chapters/numbers.csv").write_text("")


def _matplotlibrc_beside(folder, monkeypatch):
    (folder / "chapters/matplotlibrc").write_text("lines.linewidth: 7")


def _upgrade(folder, monkeypatch):
    _distribution(folder / "code", "1.1")


def _python(folder, monkeypatch):
    monkeypatch.setattr(machine.platform, "python_version", lambda: "3.99.0")


def _architecture(folder, monkeypatch):
    monkeypatch.setattr(machine.platform, "machine", lambda: "vax")


def _instructions(folder, monkeypatch):
    machine.CPUINFO.write_text(CORE.format("avx2 avx512f") * 2)


def _model(folder, monkeypatch):
    machine.CPUINFO.write_text(CORE.format("avx2").replace("85", "106") * 2)


def _mac(folder, monkeypatch):
    """Another of the two processors that Macs have had."""
    machine.CPUINFO.unlink()
    monkeypatch.setattr(machine.platform, "system", lambda: "Darwin")
    said = {"text": True}
    monkeypatch.setattr(
        machine.subprocess,
        "check_output",
        lambda command, **more: (
            "Apple M2\n"
            if more == said
            else b'{"package": [], "distributions": [], "modules": {}}'
        ),
    )


def _compiler(folder, monkeypatch):
    program = folder / "bin/g++"
    program.parent.mkdir()
    program.touch(mode=0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)


def _gpu(folder, monkeypatch):
    card = folder / "gpus/0000:01:00.0/information"
    card.parent.mkdir(parents=True)
    card.write_text("Model: \t\t NVIDIA H200\nIRQ:   \t\t 90\n")


def _write(name: str):
    """Return a change that writes a file of `data/`, and its folder."""

    def change(folder, monkeypatch):
        path = folder / "data" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("import framework")

    change.__name__ = name
    return change


def _set(name: str, value: str):
    def change(folder, monkeypatch):
        monkeypatch.setenv(name, value)

    change.__name__ = name
    return change


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_edit_helper, "package"),
        (_rename_helper, "package"),
        (_remove_package, "package"),
        (_edit_data, "data"),
        (_add_data, "data"),
        (_edit_linked_data, "data"),
        (_edit_data_in_a_circle, "data"),
        (_write("claims.yaml"), "data"),
        (_write("claims/01.yaml"), "data"),
        (_write("datasets.yaml"), "data"),
        (_module_beside, "beside"),
        (_package_beside, "beside"),
        (_data_beside, "beside"),
        (_matplotlibrc_beside, "beside"),
        (_upgrade, "installed"),
        (_python, "machine"),
        (_architecture, "machine"),
        (_instructions, "machine"),
        (_model, "machine"),
        (_compiler, "machine"),
        (_gpu, "machine"),
        (_set("KERAS_BACKEND", "jax"), "environment"),
        (_set("SIDEBYSIDE_THREADS", "2"), "environment"),
        (_set("SIDEBYSIDE_DATASET", "mnist"), "environment"),
        (_set("TF_ENABLE_ONEDNN_OPTS", "0"), "environment"),
        (_set("ATEN_CPU_CAPABILITY", "default"), "environment"),
        (_set("MKL_ENABLE_INSTRUCTIONS", "AVX2"), "environment"),
        (_set("MKL_CBWR", "COMPATIBLE"), "environment"),
        (_set("LD_LIBRARY_PATH", "/opt/cuda/lib64"), "environment"),
        (_set("CUDA_VISIBLE_DEVICES", "1"), "environment"),
    ],
)
def test_a_change_that_matters(folder, monkeypatch, change, name):
    before, old = _inputs(folder), _key(folder)
    change(folder, monkeypatch)
    assert digests.changed(before, _inputs(folder)) == [name]
    assert _key(folder) != old


def _bytecode(folder, monkeypatch):
    (folder / "code/sidebyside/__pycache__").mkdir()
    (folder / "code/sidebyside/__pycache__/helper.pyc").write_bytes(b"\0")


def _pages(folder, monkeypatch):
    (folder / "README.md").write_text("hello")
    (folder / "chapters/intro.md").write_text("hello")
    (folder / "chapters/01_one.ipynb").write_text("{}")


def _left_by_editors(folder, monkeypatch):
    (folder / "chapters/.ipynb_checkpoints").mkdir()
    (folder / "chapters/.ipynb_checkpoints/01_one-checkpoint.ipynb").touch()
    (folder / "chapters/.01_one.ipynb.swp").touch()
    (folder / "chapters/.DS_Store").touch()


def _install_a_tool(folder, monkeypatch):
    _distribution(folder / "code", "1.0", "ruff")


def _mitigations(folder, monkeypatch):
    """A new kernel of the system knows of other weaknesses; sums stay the same."""
    machine.CPUINFO.write_text(CORE.format("avx2 ibrs md_clear") * 2)


def _cores(folder, monkeypatch):
    machine.CPUINFO.write_text(CORE.format("avx2") * 4)


def _pythonpath(folder, monkeypatch):
    """No kernel gets it: packages there are not those that a chapter imports."""
    _distribution(folder / "mine", "9.9")
    (folder / "mine/sidebyside").mkdir()
    (folder / "mine/sidebyside/__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(folder / "mine"))
    monkeypatch.syspath_prepend(folder / "mine")


def _keras_file(folder, monkeypatch):
    """Keras writes this file when it is first imported; the book's kernels can't."""
    (folder / "home/.keras").mkdir()
    (folder / "home/.keras/keras.json").write_text('{"floatx": "float64"}')


@pytest.mark.parametrize(
    "change",
    [
        _bytecode,
        _pages,
        _left_by_editors,
        _write("README.md"),
        _write("choosing.yaml"),
        _write("paths.yaml"),
        _write("chapters/01_one.yaml"),
        _write("claims/02.yaml"),
        _write("defaults.yaml"),
        _write("rosetta.yaml"),
        _install_a_tool,
        _mitigations,
        _cores,
        _pythonpath,
        _keras_file,
        _set("KERAS_BACKEND", environment.DEFAULT_BACKEND),
        _set("SIDEBYSIDE_THREADS", environment.DEFAULT_THREADS),
        _set("OMP_NUM_THREADS", "16"),
        _set("EDITOR", "ed"),
        _set("LC_ALL", "C"),
        _set("TF_CLI_CONFIG_FILE", "/home/me/.terraformrc"),
        _set("KMP_DUPLICATE_LIB_OK", "True"),  # by threadpoolctl, in Sphinx' process
        _set("ONEDNN_MAX_CPU_ISA", "AVX2"),  # does not pass
    ],
)
def test_a_change_that_does_not_matter(folder, monkeypatch, change):
    before = _key(folder)
    change(folder, monkeypatch)
    assert _key(folder) == before


def test_on_a_mac_the_processor_is_named(folder, monkeypatch):
    _mac(folder, monkeypatch)
    assert "Apple M2" in machine.described()


def test_this_machine_is_described():
    assert machine.processor()
    if machine.CPUINFO.is_file() and machine.platform.machine() == "x86_64":
        assert {"sse2", "fma"} & set(machine.processor())


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from sidebyside.reference.rosetta import runner", "rosetta.yaml"),
        ("from sidebyside.reference import (\n    defaults,\n)", "defaults.yaml"),
        ("from sidebyside import plots, reference\nreference.rosetta", "rosetta.yaml"),
        (
            "from sidebyside import (\n  reference,\n)\nreference.defaults",
            "defaults.yaml",
        ),
        ("from sidebyside import ledger", "claims/01.yaml"),
        ("datasets.describe('digits')", "datasets.yaml"),
        ("datasets.load_images('fashion-part')", "fashion_mnist_part.npz"),
        ("datasets.load_photo('chelsea')", "chelsea.npz"),
        ("datasets.load_cutouts('train')", "cutouts.npz"),
        ("pretrained.load('efficientnet-lite0')", "datasets.yaml"),
        ("evidence.settle('C01', parts)", "claims.yaml"),
    ],
)
def test_a_table_is_in_the_keys_of_those_who_read_it(folder, monkeypatch, code, name):
    reader, other = _key(folder, "01_one", code), _key(folder, "01_one", "1 + 1")
    _write(name)(folder, monkeypatch)
    assert _key(folder, "01_one", code) != reader
    assert _key(folder, "01_one", "1 + 1") == other


CUTS = 'command = [sys.executable, "-m", "sidebyside_book", "lanes"]'


def _write_chapter(folder, *cells: NotebookNode) -> None:
    """Write another chapter, whose ids are the same each time."""
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    notebook = new_notebook(cells=list(cells))
    nbformat.write(notebook, folder / "chapters/02_two.ipynb")


def _programs(folder) -> str:
    """Return what is in the key of a chapter that cuts programs; no other has it."""
    assert "programs" not in _inputs(folder)
    return _inputs(folder, "40_code", CUTS)["programs"]


def _lane(source: str, lane: str = "keras") -> NotebookNode:
    return new_code_cell(source, metadata={"tags": [f"lane-{lane}"]})


@pytest.mark.parametrize(
    "cells",
    [
        (new_markdown_cell("Prose."), _lane("x = 2")),
        (new_markdown_cell("Prose."), _lane("x = 1", "pytorch")),
        (new_markdown_cell("Prose."), _lane("x = 1"), new_code_cell("y = 1")),
        (new_markdown_cell("Prose."),),
    ],
    ids=["source", "tag", "one more", "none"],
)
def test_code_of_another_chapter_is_in_the_key_of_one_that_cuts_programs(folder, cells):
    none_yet = _programs(folder)
    _write_chapter(folder, new_markdown_cell("Prose."), _lane("x = 1"))
    before, old = _programs(folder), _key(folder, "01_one")
    assert before != none_yet
    _write_chapter(folder, *cells)
    assert _programs(folder) != before
    assert _key(folder, "01_one") == old


def test_prose_of_another_chapter_is_not(folder):
    _write_chapter(folder, new_markdown_cell("Prose."), _lane("x = 1"))
    before = _key(folder, "40_code", CUTS)
    _write_chapter(folder, new_markdown_cell("Better prose."), _lane("x = 1"))
    (folder / "chapters/intro.md").write_text("hello")
    assert _key(folder, "40_code", CUTS) == before


@pytest.mark.parametrize("content", ["", "[]", '{"nbformat": 4}'])
def test_a_broken_notebook_counts_as_it_is(folder, content):
    before = _programs(folder)
    (folder / "chapters/02_two.ipynb").write_text(content)
    assert _programs(folder) != before


def test_the_table_of_contents_says_which_chapters_are_cut(folder):
    before = _programs(folder)
    (folder / "_toc.yml").write_text("format: jb-book")
    assert _programs(folder) != before


def test_what_cuts_programs_is_in_the_key(folder, monkeypatch):
    before = _programs(folder)
    monkeypatch.setattr(digests, "CUTTING", digests.CUTTING[:-1])
    assert _programs(folder) != before


def test_what_cuts_programs_is_known():
    """All that these modules import of the book, but for what makes their text."""
    package = Path(digests.__file__).parents[1]
    text = r"editions\.(markup|places)|execution\.chapters|cli"
    known = r"chapter|editions\.(names|owners|lanes)"
    named = re.compile(r"(?m)^\s*from sidebyside_book\.?([\w.]*) import (\w+)")
    for name, path in digests._cutting():
        for parts in named.findall(path.read_text("utf-8")):
            module = ".".join(parts).lstrip(".")
            assert re.match(rf"({known}|{text})\b", module), (name, module)
    assert package / "editions/lanes/cut.py" in dict(digests._cutting()).values()


def test_a_word_in_a_comment_reads_no_table(folder, monkeypatch):
    before = _key(folder, "01_one", CALM)
    _write("defaults.yaml")(folder, monkeypatch)
    assert _key(folder, "01_one", CALM) == before


def test_the_tables_have_the_readers_that_the_keys_know():
    """A module of the package that reads a table is known by what a chapter calls."""
    package = Path(digests.__file__).parents[2] / "sidebyside"
    sources = {
        path.relative_to(package).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in package.rglob("*.py")
    }
    assert {name for name, text in sources.items() if "data_file(" in text} == {
        "_files",
        "datasets/_catalogue",
        "datasets/_shipped",
        "labs",
        "ledger",
        "mistakes",
        "reference/defaults/rows",
        "reference/rosetta/entries",
    }
    outside = re.compile(r"import.*\b(ledger|mistakes|rosetta|defaults)\b")
    users = {name for name, text in sources.items() if outside.search(text)}
    inside = {n for n in users if n.startswith("reference/")}
    assert users - inside == {"evidence"}


def _reach(here: dict[str, tuple[str, ...]], *words: str) -> list[str]:
    """Return what is reached where these are installed, all with version 1."""
    distributions = [(name, "1", requires) for name, requires in here.items()]
    return reach.reached(words, reach.installed(distributions, {}))


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        ("other", True),
        ("Other >=2,<3", True),
        ("other ; python_version < '2'", True),  # not asked for here, but installed
        ("other ; extra == 'fast'", False),
        ("other ; extra == 'fast' and python_version > '3'", False),
        ("another", False),
    ],
)
def test_what_is_required_is_reached(requires, expected):
    found = _reach({"framework": (requires,), "other": ()}, "framework")
    assert ("other==1" in found) is expected


def test_what_an_extra_requires_is_reached_where_the_extra_is_asked_for():
    here = {
        "Frame.Work": ("array[fast, small] >=2", "array"),
        "array": ("quick; extra == 'Fast'", "test; extra == 'test'", "big; extra=='x'"),
        **dict.fromkeys(("quick", "test", "big"), ()),
    }
    assert _reach(here, "frame_work") == ["array==1", "frame-work==1", "quick==1"]


def test_requirements_may_go_round_in_circles():
    here = {"a": ("b",), "b": ("c",), "c": ("a", "b"), "d": ("a",)}
    assert _reach(here, "b") == ["a==1", "b==1", "c==1"]


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import framework", True),
        ("import os, framework.nn as nn", True),
        ("def f():\n    from framework.nn import Linear", True),
        ("importlib.util.find_spec('framework')", True),
        ('run([python, "-c", "import framework"])', True),
        ("%pip install other\nimport framework", True),
        ("a_framework = frameworks", False),
        ("print('my framework')", False),
        ("import other", False),
    ],
)
def test_the_code_says_which_modules_count(folder, code, reached):
    """The module is called otherwise than what is installed, as `yaml` of PyYAML."""
    _distribution(folder / "code", "1.0", "Py-Frame", module="framework")
    shutil.rmtree(folder / "code/framework.dist-info")
    before = _inputs(folder, "01_one", code)
    _distribution(folder / "code", "1.1", "Py-Frame", module="framework")
    changed = digests.changed(before, _inputs(folder, "01_one", code))
    assert changed == (["installed"] if reached else [])


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("array", True),
        ("jax", True),
        ("ipykernel", True),
        ("pyarrow", True),
        ("ruff", False),
        ("extra", False),
    ],
)
def test_an_upgrade_counts_where_it_is_reached(folder, name, counts):
    """Directly, by a requirement, from the package, by the kernel, or not at all."""
    needs = ("array>=1", "extra; extra == 'test'")
    _distribution(folder / "code", "1.0", "framework", needs)
    helper = folder / "code/sidebyside/deep/helper.py"
    helper.write_text("def lazily():\n    import jax")
    _distribution(folder / "code", "1.0", name)
    before = _key(folder)
    _distribution(folder / "code", "1.1", name)
    assert (_key(folder) != before) is counts


def test_what_a_table_imports_counts_where_the_table_is_read(folder):
    (folder / "data/rosetta.yaml").write_text("code: import array")
    _distribution(folder / "code", "1.0", "array")
    rows, other = "from sidebyside.reference import rosetta", "1 + 1"
    before = _key(folder, "01_one", rows), _key(folder, "01_one", other)
    _distribution(folder / "code", "1.1", "array")
    after = _key(folder, "01_one", rows), _key(folder, "01_one", other)
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True]


def test_what_is_missing_counts_once_it_is_installed(folder):
    _distribution(folder / "code", "1.0", "framework", ("array",))
    before = _inputs(folder)
    _distribution(folder / "code", "1.0", "array")
    assert digests.changed(before, _inputs(folder)) == ["installed"]


def test_every_version_of_a_name_counts(folder):
    """A later entry of the path hides no earlier one, nor the other way round."""
    before = _key(folder)
    other = folder / "code/Framework-2.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Name: Framework\nVersion: 2\n")
    assert _key(folder) != before


@pytest.fixture(scope="module")
def here() -> dict[str, list[str]]:
    """What each chapter of the book reaches with the packages that are installed."""
    book = Path(digests.__file__).parents[3]
    around = digests.look(book)
    found = {}
    for path in sorted((book / "chapters").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        found[path.stem] = [
            one.partition("==")[0] for one in around.reached(path.stem, notebook)
        ]
    return found


def test_every_chapter_reaches_the_frameworks(here):
    frameworks = {"torch", "tensorflow", "keras", "jax", "jaxlib", "numpy", "scipy"}
    kernel = {"ipykernel", "ipython", "traitlets", "matplotlib-inline", "pyzmq"}
    assert all(frameworks | kernel <= set(found) for found in here.values())


def test_only_the_chapter_that_leaves_python_reaches_the_packages_for_that(here):
    away = {"onnx", "onnxruntime", "onnxscript", "tf2onnx", "ai-edge-litert"}
    assert away <= set(here["51_exchange"])
    assert not away & set(here["04_training_loop"])


@pytest.mark.slow
def test_what_libraries_load_is_reached(here):
    """Also what they import only where it is installed, and require nowhere."""
    command = [sys.executable, "-c", LOAD]
    variables = environment.kernel_environment()
    said = subprocess.check_output(command, env=variables, text=True)
    loaded = set(map(reach.normal, json.loads(said.splitlines()[-1])))
    installed = digests.look(Path("nowhere")).installed.versions
    assert loaded & installed.keys() <= set(here["51_exchange"])
    assert len(loaded) > 50


def test_no_chapter_reaches_the_tools(here):
    tools = {"ruff", "pytest", "sphinx", "myst-nb", "nbval", "papermill", "ray"}
    others = (found for name, found in here.items() if name != "40_code")
    assert not tools & {name for found in others for name in found}


def test_the_chapter_that_has_others_cut_reaches_what_cuts_them(here):
    assert {"ruff", "nbformat"} <= set(here["40_code"])


def test_a_command_runs_under_the_kernels_environment(monkeypatch):
    started = []
    monkeypatch.setattr(as_kernel.os, "execvpe", lambda *call: started.append(call))
    as_kernel.main(["pytest", "-q"])
    [(name, arguments, variables)] = started
    assert (name, arguments) == ("pytest", ["pytest", "-q"])
    assert variables == environment.kernel_environment()
    assert variables["OMP_NUM_THREADS"] == "1"


def test_a_command_is_needed():
    with pytest.raises(SystemExit, match="usage"):
        as_kernel.main([])
