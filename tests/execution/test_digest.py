"""Everything besides the cells that can change a result changes the digest."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from sidebyside_book.execution import as_kernel, environment, machine
from sidebyside_book.execution import digest as digests

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


def _distribution(folder: Path, version: str) -> None:
    info = folder / "framework.dist-info"
    info.mkdir(exist_ok=True, parents=True)
    (info / "METADATA").write_text(f"Name: framework\nVersion: {version}\n")


def _edit_helper(folder, monkeypatch):
    (folder / "code/sidebyside/deep/helper.py").write_text("VALUE = 2")


def _rename_helper(folder, monkeypatch):
    (folder / "code/sidebyside/deep/helper.py").rename(folder / "code/sidebyside/h.py")


def _remove_package(folder, monkeypatch):
    shutil.rmtree(folder / "code/sidebyside")


def _edit_data(folder, monkeypatch):
    (folder / "data/numbers.csv").write_text("2")


def _edit_claims(folder, monkeypatch):
    (folder / "data/claims").mkdir()
    (folder / "data/claims/01.yaml").write_text("[]")


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
            "Apple M2\n" if more == said else b'{"package": [], "installed": []}'
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
        (_edit_claims, "data"),
        (_edit_linked_data, "data"),
        (_edit_data_in_a_circle, "data"),
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
    before, old = digests.inputs(folder), digests.digest(folder)
    change(folder, monkeypatch)
    assert digests.changed(before, digests.inputs(folder)) == [name]
    assert digests.digest(folder) != old


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


def _chapter_data(folder, monkeypatch):
    (folder / "data/chapters").mkdir()
    (folder / "data/chapters/01_tensors.yaml").write_text("notes: no chapter reads it")


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
        _chapter_data,
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
    before = digests.digest(folder)
    change(folder, monkeypatch)
    assert digests.digest(folder) == before


def test_on_a_mac_the_processor_is_named(folder, monkeypatch):
    _mac(folder, monkeypatch)
    assert "Apple M2" in machine.described()


def test_this_machine_is_described():
    assert machine.processor()
    if machine.CPUINFO.is_file() and machine.platform.machine() == "x86_64":
        assert {"sse2", "fma"} & set(machine.processor())


def test_the_installed_packages_are_those_of_the_frameworks():
    found = "\n".join(digests._seen_by_kernels()["installed"]).lower()
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
