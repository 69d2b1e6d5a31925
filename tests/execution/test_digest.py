"""Everything besides the cells that can change a result changes the digest."""

import shutil
from pathlib import Path

import pytest

from sidebyside_sphinx.execution import as_kernel, environment
from sidebyside_sphinx.execution import digest as digests


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A book's folder, whose package is found before the installed one."""
    package = tmp_path / "code/sidebyside/deep"
    package.mkdir(parents=True)
    for name in ("data", "chapters", "keras"):
        (tmp_path / name).mkdir()
    (package.parent / "__init__.py").write_text("")
    (package / "helper.py").write_text("VALUE = 1")
    (tmp_path / "data/numbers.csv").write_text("1")
    _distribution(tmp_path, "1.0")
    monkeypatch.setattr(digests, "find_spec", _spec_in(tmp_path / "code"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delenv("KMP_DUPLICATE_LIB_OK", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def _spec_in(code: Path):
    from importlib.machinery import PathFinder

    return lambda name: PathFinder.find_spec(name, [str(code)])


def _distribution(folder: Path, version: str) -> None:
    info = folder / "framework.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Name: framework\nVersion: {version}\n")


def _edit_helper(folder, monkeypatch):
    (folder / "code/sidebyside/deep/helper.py").write_text("VALUE = 2")


def _rename_helper(folder, monkeypatch):
    (folder / "code/sidebyside/deep/helper.py").rename(folder / "code/sidebyside/h.py")


def _remove_package(folder, monkeypatch):
    shutil.rmtree(folder / "code")


def _edit_data(folder, monkeypatch):
    (folder / "data/numbers.csv").write_text("2")


def _add_data(folder, monkeypatch):
    (folder / "data/more.csv").write_text("")


def _add_module(folder, monkeypatch):
    (folder / "chapters/local.py").write_text("")


def _upgrade(folder, monkeypatch):
    _distribution(folder, "1.1")


def _python(folder, monkeypatch):
    monkeypatch.setattr(digests.platform, "python_version", lambda: "3.99.0")


def _architecture(folder, monkeypatch):
    monkeypatch.setattr(digests.platform, "machine", lambda: "vax")


def _backend(folder, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")


def _threads(folder, monkeypatch):
    monkeypatch.setenv("SIDEBYSIDE_THREADS", "2")


def _parameter(folder, monkeypatch):
    monkeypatch.setenv("SIDEBYSIDE_DATASET", "mnist")


def _onednn(folder, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")


def _float64(folder, monkeypatch):
    (folder / "keras/keras.json").write_text('{"floatx": "float64"}')


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_edit_helper, "package"),
        (_rename_helper, "package"),
        (_remove_package, "package"),
        (_edit_data, "data"),
        (_add_data, "data"),
        (_add_module, "modules"),
        (_upgrade, "installed"),
        (_python, "machine"),
        (_architecture, "machine"),
        (_backend, "environment"),
        (_threads, "environment"),
        (_parameter, "environment"),
        (_onednn, "environment"),
        (_float64, "keras"),
    ],
)
def test_a_change_that_matters(folder, monkeypatch, change, name):
    before, old = digests.inputs(folder), digests.digest(folder)
    change(folder, monkeypatch)
    assert digests.changed(before, digests.inputs(folder)) == [name]
    assert digests.digest(folder) != old


def _bytecode(folder, monkeypatch):
    (folder / "code/sidebyside/__pycache__").mkdir()
    (folder / "code/sidebyside/__pycache__/helper.pyc").write_bytes(b"\0")


def _prose(folder, monkeypatch):
    (folder / "README.md").write_text("hello")
    (folder / "chapters/intro.md").write_text("hello")


def _guide(folder, monkeypatch):
    (folder / "data/guide").mkdir()
    (folder / "data/guide/01_tensors.yaml").write_text("why: no chapter reads this")


def _same_backend(folder, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", environment.DEFAULT_BACKEND)


def _overruled(folder, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "16")


def _unrelated(folder, monkeypatch):
    monkeypatch.setenv("EDITOR", "ed")


def _terraform(folder, monkeypatch):
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "/home/me/.terraformrc")


def _imported_by_sphinx(folder, monkeypatch):
    """The module threadpoolctl sets this whenever it is imported."""
    monkeypatch.setenv("KMP_DUPLICATE_LIB_OK", "True")


def _usual_keras_file(folder, monkeypatch):
    """Keras writes this file when it is first imported."""
    (folder / "keras/keras.json").write_text('{"floatx": "float32", "backend": "jax"}')


@pytest.mark.parametrize(
    "change",
    [
        _bytecode,
        _prose,
        _guide,
        _same_backend,
        _overruled,
        _unrelated,
        _terraform,
        _imported_by_sphinx,
        _usual_keras_file,
    ],
)
def test_a_change_that_does_not_matter(folder, monkeypatch, change):
    before = digests.digest(folder)
    change(folder, monkeypatch)
    assert digests.digest(folder) == before


def test_the_installed_packages_are_those_of_the_frameworks(folder):
    found = "\n".join(digests._installed()).lower()
    for name in ("torch", "tensorflow", "keras", "jax", "jaxlib", "numpy", "scipy"):
        assert f"{name}==" in found


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
