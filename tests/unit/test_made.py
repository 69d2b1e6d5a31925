"""An edition's files are written, and nobody's own file is touched."""

from pathlib import Path

import pytest

from sidebyside_book.editions import made


def write(folder: Path, **texts: str) -> list[Path]:
    return made.write_all("student", folder, {f"{k}.txt": v for k, v in texts.items()})


def test_what_was_made_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "student"
    write(folder, a="1", b="1")
    assert write(folder, a="2 ü") == [folder / "a.txt"]
    assert write(folder, a="3") == [folder / "a.txt"]
    assert (folder / "a.txt").read_bytes() == b"3"
    assert (folder / "b.txt").read_bytes() == b"1"


@pytest.mark.parametrize("before", [None, "1"], ids=["own file", "changed since"])
def test_a_file_of_somebodys_own_stays_and_nothing_is_written(
    before: str | None, tmp_path: Path
) -> None:
    if before:
        write(tmp_path, b=before)
    (tmp_path / "b.txt").write_text("solved")
    with pytest.raises(ValueError, match=r"student: expected no file of yours.*b\.txt"):
        write(tmp_path, a="2", b="2")
    assert (tmp_path / "b.txt").read_text() == "solved"
    assert not (tmp_path / "a.txt").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("2")
    folder = tmp_path / "student"
    folder.mkdir()
    (folder / "a.txt").symlink_to(own)
    with pytest.raises(ValueError, match="expected no file of yours"):
        write(folder, a="2")


def test_a_file_that_is_the_same_is_nobodys_loss(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    write(tmp_path, a="1")
    write(tmp_path, a="2")
    assert (tmp_path / "a.txt").read_text() == "2"


def test_a_list_that_cannot_be_read_makes_no_file_ours(tmp_path: Path) -> None:
    write(tmp_path, a="1")
    (tmp_path / made.LIST).write_text("{")
    with pytest.raises(ValueError, match="expected no file of yours"):
        write(tmp_path, a="2")
