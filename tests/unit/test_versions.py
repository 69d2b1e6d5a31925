"""What a notebook says where a package is missing or too old, and what it asks for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sidebyside
from sidebyside import report, versions

ROOT = Path(__file__).parents[2]
GOOD = {"torch": "2.13.0+cpu", "tensorflow": "2.21.0", "keras": "3.15.1"}


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Versions that are said to be installed; change them, None for missing."""
    found: dict[str, str | None] = dict(GOOD)
    real = versions.installed
    monkeypatch.setattr(
        versions, "installed", lambda n: found[n] if n in found else real(n)
    )
    return found


def said(*names: str, book: str = sidebyside.__version__) -> str:
    with pytest.raises(versions.VersionsError) as caught:
        versions.require(*names) if names else versions.check(book=book)
    return str(caught.value)


def test_what_is_here_will_do() -> None:
    versions.check(book=sidebyside.__version__)
    versions.require("numpy", "tensorflow")


@pytest.mark.parametrize(
    ("name", "came", "told"),
    [
        ("keras", "3.10.0", "keras: expected 3.13 or newer, found 3.10.0"),
        ("keras", "3.9.2", "keras: expected 3.13 or newer, found 3.9.2"),
        ("torch", "2.9.1+cu128", "torch: expected 2.11 or newer, found 2.9.1+cu128"),
        ("tensorflow", None, "tensorflow: expected 2.20 or newer, found none"),
    ],
)
def test_an_old_or_missing_framework(
    name: str, came: str | None, told: str, there: dict[str, str | None]
) -> None:
    there[name] = came
    wanted = versions.dotted(versions.OLDEST[name])
    message = said()
    assert told in message
    assert message.endswith(f'\n  %pip install -q "{name}>={wanted}"')
    assert "restart" in message


def test_the_oldest_version_is_old_enough(there: dict[str, str | None]) -> None:
    there |= {n: f"{versions.dotted(v)}.0" for n, v in versions.OLDEST.items()}
    versions.check(book=sidebyside.__version__)


def test_all_is_mended_by_one_command(there: dict[str, str | None]) -> None:
    there |= {"keras": "2.15.0", "torch": None, "pooch": None}
    command = said().splitlines()[-1].strip()
    assert command == '%pip install -q "torch>=2.11" "keras>=3.13" pooch'


def test_where_pip_is_missing_it_is_fetched_first(
    there: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    there["torch"] = None
    monkeypatch.setattr(versions, "find_spec", lambda _: None)
    first, then = said().splitlines()[-2:]
    assert first.strip() == "import ensurepip; ensurepip.bootstrap()"
    assert then.strip() == '%pip install -q "torch>=2.11"'


def test_a_copy_of_the_package_beside_the_notebook(tmp_path: Path) -> None:
    """It has no metadata, so nobody knows what it needs."""
    shutil.copytree(ROOT / "code/sidebyside", tmp_path / "sidebyside")
    code = "from sidebyside import versions; versions.check(book='0.1.0')"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert f"found only the folder {tmp_path / 'sidebyside'}." in ran.stderr
    assert "Give that folder another name" in ran.stderr


def test_the_needs_of_a_chapter(there: dict[str, str | None]) -> None:
    there |= {"onnx": None, "tf2onnx": None}
    message = said("numpy", "onnx", "tf2onnx")
    assert "onnx: expected it to be installed, found none" in message
    assert message.endswith("%pip install -q onnx tf2onnx")


def test_a_package_older_than_the_notebook() -> None:
    message = said(book="99.0")
    assert f"expected 99.0 or newer, found {sidebyside.__version__}" in message
    wanted = "%pip install -q --no-deps --force-reinstall git+https://github.com/"
    assert message.splitlines()[-1].strip().startswith(wanted)


def test_in_a_notebook_the_message_stands_alone() -> None:
    error = versions.VersionsError("one\ntwo")
    assert error._render_traceback_() == ["one", "two"]


def leave(folder: Path, name: str, version: str | None) -> None:
    """Make a distribution's folder; one without metadata if there is no version."""
    info = folder / f"{name}-{version or '0.1'}.dist-info"
    info.mkdir(parents=True)
    lines = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / ("METADATA" if version else "REQUESTED")).write_text(
        (version and lines) or ""
    )


def test_tensorflow_has_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(tmp_path, "tensorflow_cpu", "2.20.0")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert versions.installed("tensorflow") == "2.20.0"
    assert versions.installed("torch") is None


def test_what_an_interrupted_installation_leaves_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(tmp_path / "first", "torch", None)
    leave(tmp_path / "first", "keras", None)
    leave(tmp_path / "second", "torch", "2.12.0")
    places = [str(tmp_path / "first"), str(tmp_path / "second")]
    monkeypatch.setattr(sys, "path", places)
    assert versions.installed("torch") == "2.12.0"
    assert versions.installed("keras") is None
    assert report.versions() == {"torch": "2.12.0"}


def test_newer_pythons_raise_where_metadata_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Left:
        @property
        def metadata(self) -> None:
            raise FileNotFoundError("no METADATA")

    monkeypatch.setattr(versions.metadata, "distributions", lambda **_: [Left()])
    assert versions.installed("torch") is None


def test_extras_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=2", "PyYAML", 'ray==2.0; extra == "sweep"', "scikit-learn (>=1)"]
    monkeypatch.setattr(versions.metadata, "requires", lambda _: lines)
    assert versions.own_needs() == ["numpy", "PyYAML", "scikit-learn"]


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and line[0] != "#")


def test_the_oldest_are_those_of_colab_the_newest_those_of_the_book() -> None:
    for told, file in (
        (versions.OLDEST, "requirements-colab.txt"),
        (versions.NEWEST, "requirements.txt"),
    ):
        pinned = pins(file)
        assert told == {name: versions.release(pinned[name]) for name in told}
