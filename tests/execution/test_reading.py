"""The list of what runs while a page is read is whole, and has nothing more on it."""

import json

from sidebyside_book.execution.pages import PACKAGE, READING

NOTE_WHAT_RUNS = """
def setup(app):
    import json, sys
    from pathlib import Path

    ran = set()

    def note(frame, event, _):
        ran.add(frame.f_code.co_filename)

    def stop(*_):
        sys.setprofile(None)
        Path(app.srcdir, "trace/ran.json").write_text(json.dumps(sorted(ran)))

    app.connect("env-before-read-docs", lambda *_: sys.setprofile(note), priority=999)
    app.connect("env-updated", stop, priority=0)
"""
KEY = {"execution/cache.py", "execution/digest.py", "execution/reach.py"}
"""They make the key; a page whose key is another one is read again."""
GUIDE = {"website/pages/guide", "chapter/facts.py", "chapter_data.py"}
GUIDE |= {"chapter/cells.py"}
"""They read the pages for teachers, which a tiny book has not."""


def _tag_lanes(notebook) -> None:
    lanes = ("pytorch", "tensorflow", "keras")
    for cell, lane in zip(notebook.cells[2:5], lanes, strict=True):
        cell.update(id=f"step-{lane}")
        cell.metadata.tags = [f"lane-{lane}"]


def test_what_runs_while_a_page_is_read_is_listed(whole):
    conf = whole.folder / "conf.py"
    conf.write_text(conf.read_text() + NOTE_WHAT_RUNS)
    whole.add("90_lanes", "1", "2", "3")
    whole.edit("90_lanes", _tag_lanes)
    whole.add("91_bad", "1 / 0")
    index = whole.folder / "index.md"
    index.write_text(index.read_text() + "\n```{evidence} failures\n```\n")
    assert whole.execute().returncode == 1
    result = whole.build()
    assert result.returncode == 0, result.stderr
    files = json.loads((whole.trace / "ran.json").read_text())
    own = f"{PACKAGE}/"
    ran = {name.removeprefix(own) for name in files if name.startswith(own)}
    assert ran - KEY == set(READING) - GUIDE


def test_what_is_listed_is_there():
    assert all((PACKAGE / name).exists() for name in READING)
