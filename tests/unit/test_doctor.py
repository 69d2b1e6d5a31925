"""The doctor: what it sees, what it says, and that its last check is a real one."""

import json
import os
import subprocess
import sys
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest

from sidebyside import versions
from sidebyside_book import cli
from sidebyside_book.doctor import checks, command, finding, machine
from sidebyside_book.doctor.finding import Finding

SEEN = {"sidebyside", "Python", "environment", "torch", "tensorflow", "keras", "kernel"}
SEEN |= {"system", "memory", "disk", "writing", "browser", "npm", "GPU"}


def test_this_machine_is_good_enough() -> None:
    found = {one.what: one for one in checks.examine()}
    assert found.keys() >= SEEN
    assert not [one for one in found.values() if one.state == "bad"]


def test_whatever_is_not_good_has_one_thing_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(versions, "installed", lambda _: None)
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    monkeypatch.setattr(machine, "playwrights_own", lambda: None)
    found = list(checks.examine())
    assert sum(one.state != "good" for one in found) > 15
    for one in found:
        assert (one.state == "good") == (not one.mend), one
        assert not set("\n;&") & set(one.mend), one


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_another_python_is_bad(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert checks.python().state == "bad"
    assert "expected 3.11 to 3.13" in checks.python().found
    assert "--python 3.11" in checks.python().mend


@pytest.mark.parametrize(
    ("came", "what", "state", "mend"),
    [
        ({"keras": None}, "keras", "bad", "'keras==3.15.*'"),
        ({"keras": "2.15.0"}, "keras", "bad", "'keras>=3.13'"),
        ({"torch": "2.11.0+cu128"}, "torch", "good", ""),
        ({"torch": "3.0.0"}, "torch", "look", "'torch==2.13.*'"),
        ({"jax": None}, "jax", "look", "jax"),
        ({"pooch": None}, "pooch", "bad", "pooch"),
    ],
)
def test_packages(
    came: dict[str, str | None],
    what: str,
    state: str,
    mend: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = versions.installed
    monkeypatch.setattr(
        versions, "installed", lambda name: came.get(name, real(name) or "9.9")
    )
    (found,) = [one for one in checks.packages() if one.what == what]
    assert found.state == state
    assert found.mend == (mend and finding.pip_install(mend))


def test_who_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert finding.pip_install("x").endswith("python -m pip install x")
    monkeypatch.setattr(finding, "find_spec", lambda _: None)
    monkeypatch.setattr(finding.shutil, "which", lambda tool: f"/bin/{tool}")
    assert finding.pip_install("x").startswith("uv pip install --python ")
    assert finding.system_install("g++") == "sudo apt-get install g++"
    monkeypatch.setattr(finding.shutil, "which", lambda tool: tool == "brew")
    assert finding.system_install("npm") == "brew install node"
    monkeypatch.setattr(finding.shutil, "which", lambda _: None)
    assert finding.system_install("npm") == "install npm"


def test_a_python_that_drops_asserts_is_seen() -> None:
    ran = subprocess.run(
        [sys.executable, "-O", "-m", "sidebyside_book.cli", "doctor", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    told = {one["what"]: one for one in json.loads(ran.stdout)["findings"]}
    assert told["Python"]["state"] == "bad"
    assert "takes out every assert" in told["Python"]["found"]
    assert told["Python"]["mend"] == "unset PYTHONOPTIMIZE"


def test_paths_do_not_tell_who_you_are() -> None:
    assert finding.shown(Path.home() / "x" / "y") == "~/x/y"
    assert finding.shown(Path.cwd() / "z") == "z"
    assert finding.shown("/usr/bin/python") == "/usr/bin/python"


@pytest.mark.parametrize(
    ("files", "told", "state"),
    [
        ({"pyvenv.cfg": "home = /usr\n"}, "venv, ", "good"),
        ({"pyvenv.cfg": "home = /usr\nuv = 0.9.1\n"}, "uv, ", "good"),
        ({"conda-meta/history": ""}, "conda, ", "good"),
        ({}, "none: ", "look"),
    ],
)
def test_environments(
    files: dict[str, str],
    told: str,
    state: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    found = checks.environment()
    assert (found.found.startswith(told), found.state) == (True, state)


def test_a_kernel_of_another_python_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    for python, state in ((sys.executable, "good"), ("/else/bin/python", "look")):
        spec = {"argv": [python, "-m", "x"], "display_name": "P", "language": "python"}
        kernel.write_text(json.dumps(spec))
        assert checks.kernel().state == state
    assert "not" in checks.kernel().found
    assert checks.kernel().mend.endswith("-m ipykernel install --sys-prefix")


def test_a_kernel_reached_through_a_link_is_this_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(Path(sys.executable).parent)
    found = kernel_of(tmp_path, monkeypatch, [str(tmp_path / "link/python"), "-m", "x"])
    assert found.state == "good"


@pytest.mark.parametrize("command", [[], None, 3])
def test_a_kernel_without_a_command_is_none(
    command: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = kernel_of(tmp_path, monkeypatch, command)
    assert (found.state, found.found) == ("bad", "none named python3")


def kernel_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: object
) -> Finding:
    """Return what is said of a kernel with this command."""
    path = folder / "kernels" / "python3" / "kernel.json"
    path.parent.mkdir(parents=True)
    spec = {"argv": command, "display_name": "P", "language": "python"}
    path.write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return checks.kernel()


def test_warnings_that_are_errors_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "default,error::DeprecationWarning")
    found = checks.python()
    assert (found.state, found.mend) == ("bad", "unset PYTHONWARNINGS")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    assert checks.python().state == "good"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"floatx": "float64", "epsilon": 1e-07}', "sets floatx: float64"),
        ('{"image_data_format": "channels_first"}', "image_data_format: channels_fi"),
        ('{"epsilon": 0.001}', "sets epsilon: 0.001"),
    ],
)
def test_a_file_that_changes_keras_is_seen(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = tmp_path / "keras.json"
    path.write_text(text)
    found = checks.keras_file()
    assert told in found.found
    assert (found.state, found.mend) == ("look", f"mv {path} {path}.old")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "no JSON",
        "[]",
        '{"backend": "jax"}',  # the setup cell chooses the backend
        '{"floatx": "float32", "epsilon": 1e-07, "image_data_format": "channels_last"}',
    ],
)
def test_a_file_that_changes_nothing_is_good(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    if text is not None:
        (tmp_path / "keras.json").write_text(text)
    assert checks.keras_file() == Finding("keras.json", "changes nothing")


def test_another_keras_inside_tensorflow_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    found = checks.legacy_keras()
    assert (found.state, found.mend) == ("look", "unset TF_USE_LEGACY_KERAS")
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "0")
    assert checks.legacy_keras().state == "good"


def test_the_backend_is_one_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    assert checks.backend().state == "bad"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert checks.backend() == Finding("Keras backend", "jax")


def test_a_copy_of_the_package_that_is_not_installed_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(versions.metadata, "distributions", lambda **_: [])
    monkeypatch.setattr(versions.metadata, "requires", missing)
    assert checks.book().state == "bad"
    assert checks.book().mend == finding.pip_install("--no-deps -e .")
    assert [one.what for one in checks.packages()][:3] == list(versions.OLDEST)


def test_a_number_of_threads_that_is_none_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIDEBYSIDE_THREADS", "1.5")
    assert checks.threads().state == "bad"
    assert checks.threads().mend == "unset SIDEBYSIDE_THREADS"
    monkeypatch.setenv("SIDEBYSIDE_THREADS", "4")
    assert checks.threads() == Finding("threads", "4")


def test_a_full_disk_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage(9, 9, 1))
    assert machine.disk(tmp_path).state == "look"


def test_a_folder_that_refuses_files_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.state for one in machine.writable(tmp_path)] == ["good"]
    (found,) = machine.writable(tmp_path / "missing")  # root may write everywhere else
    assert found.state == "bad"
    assert "No such file" in found.found


def test_playwrights_own_browser_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "BROWSERS", ("no-such-program",))
    monkeypatch.setattr(machine, "playwrights_own", lambda: None)
    assert machine.browser().mend.endswith("-m playwright install chromium")
    monkeypatch.setattr(machine, "playwrights_own", lambda: tmp_path)
    assert machine.browser() == Finding("browser", finding.shown(tmp_path))


def test_a_missing_program_is_seen() -> None:
    found = machine.program("browser", ("no-such-program",), "tests", "install one")
    assert (found.state, found.mend) == ("look", "install one")
    assert machine.program("python", ("python3",), "x", "y").state == "good"


@pytest.mark.slow
def test_the_three_frameworks_agree(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json"]) == 0
    out, err = capfd.readouterr()
    told = json.loads(out)  # nothing else is there: no noise of a framework
    assert (told["schema"], told["well"]) == (1, True)
    assert {"sidebyside", "python", "versions", "machine"} <= told.keys()
    assert told["findings"][-1]["what"] == command.AGREEMENT
    assert told["findings"][-1]["state"] == "good"
    assert err.splitlines() == [
        "...  the three frameworks: training a small model in each, some 20 seconds"
    ]


@pytest.mark.parametrize(
    ("status", "out", "what", "told", "mend"),
    [
        (1, "at: torch\n", "torch", "import fails: OSError: no libx", "torch=="),
        (-11, "at: torch\nat: tensorflow\n", "tensorflow", "SIGSEGV", "tensorflow=="),
        (1, "at: keras\nat: agreement\n", command.AGREEMENT, "do not agree", "--json"),
        (1, "", command.AGREEMENT, "no libx", "--json"),
    ],
)
def test_what_broke_is_named(
    status: int, out: str, what: str, told: str, mend: str
) -> None:
    found = command.broken(status, out, "Traceback:\nOSError: no libx\n")
    assert (found.what, found.state) == (what, "bad")
    assert told in found.found
    assert mend in found.mend


@pytest.mark.slow
def test_a_framework_that_cannot_be_imported_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libx.so is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = command.agreement()
    assert found.what == "torch"
    assert found.found.endswith("import fails: OSError: libx.so is missing")
    assert "--force-reinstall torch==2." in found.mend
    assert "+" not in found.mend  # `+cpu` is another index's


@pytest.mark.slow
def test_the_check_notices_a_lane_that_differs() -> None:
    code = (
        "from sidebyside_book.doctor import agreement\n"
        "agreement.tf.nn.tanh = agreement.tf.nn.sigmoid\n"
        "agreement.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert "ParityError" in ran.stderr
    assert "lane 'tensorflow'" in ran.stderr


def test_what_is_bad_is_said_with_what_mends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Finding("keras", "missing", "bad", "pip install keras")
    monkeypatch.setattr(command, "examine", lambda: [Finding("Python", "3.11"), bad])
    monkeypatch.setattr(command, "agreement", lambda: pytest.fail("no use"))
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "BAD  keras: missing   -> pip install keras" in said
    assert "First mend this:\n  keras: pip install keras" in said
