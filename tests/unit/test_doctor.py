"""The doctor: what it sees, what it says, and that its last check is a real one."""

import json
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from sidebyside import cli
from sidebyside.doctor import checks, command
from sidebyside.doctor.checks import Finding


def test_this_machine_is_good_enough() -> None:
    found = {one.what: one for one in checks.examine()}
    assert {"Python", "torch", "tensorflow", "keras", "memory", "disk"} <= set(found)
    assert not [one for one in found.values() if one.state == "bad"]


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_another_python_is_bad(
    version: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert checks.python().state == "bad"
    assert "3.11 to 3.13" in checks.python().mend


@pytest.mark.parametrize(
    ("versions", "what", "state", "mend"),
    [
        ({"keras": None}, "keras", "bad", "pip install keras"),
        ({"keras": "2.15.0"}, "keras", "bad", "pip install 'keras>=3.13'"),
        ({"torch": "2.11.0+cu128"}, "torch", "good", ""),
        ({"jax": None}, "jax", "look", "pip install jax"),
        ({"pooch": None}, "pooch", "bad", "pip install pooch"),
    ],
)
def test_packages(
    versions: dict[str, str | None],
    what: str,
    state: str,
    mend: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = checks.installed
    monkeypatch.setattr(
        checks, "installed", lambda name: versions.get(name, real(name) or "9.9")
    )
    (found,) = [one for one in checks.packages() if one.what == what]
    assert (found.state, found.mend) == (state, mend)


def test_the_backend_is_one_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    assert checks.backend().state == "bad"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert checks.backend() == Finding("Keras backend", "jax")


def test_a_full_disk_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage(9, 9, 1))
    assert checks.disk(tmp_path).state == "look"


def test_a_missing_program_is_seen() -> None:
    found = checks.program("browser", ("no-such-program",), "tests", "install one")
    assert (found.state, found.mend) == ("look", "install one")
    assert checks.program("python", ("python3",), "x", "y").state == "good"


def test_versions_are_read() -> None:
    assert checks.release("2.13.0+cpu") == (2, 13)
    assert checks.installed("no-such-distribution") is None


@pytest.mark.slow
def test_the_three_frameworks_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[-1]["what"] == command.AGREEMENT
    assert found[-1]["state"] == "good"


@pytest.mark.slow
def test_the_check_notices_a_lane_that_differs() -> None:
    code = (
        "from sidebyside.doctor import agreement\n"
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
