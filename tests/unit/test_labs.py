"""Records of labs: made by a full run, kept whole or not at all, shown with a date."""

import json

import nbformat
import pytest

from sidebyside import labs, records
from sidebyside_book.runs import keeping


def executed(tmp_path, *made):
    outputs = [
        nbformat.v4.new_output("display_data", data={records.MIME: record})
        for record in made
    ]
    cell = nbformat.v4.new_code_cell("1", outputs=outputs, execution_count=1)
    path = tmp_path / "46_speed.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def record(**fields):
    return {"schema": records.SCHEMA, "kind": labs.KIND, "lab": "46_speed", **fields}


def test_the_last_record_of_a_run_is_kept(tmp_path):
    (tmp_path / "data").mkdir()
    path = executed(tmp_path, record(figures={"a": 1}), record(figures={"a": 2}))
    kept = keeping.keep(path, tmp_path)
    assert kept == tmp_path / "data/records/46_speed.json"
    assert json.loads(kept.read_text())["figures"] == {"a": 2}
    assert [file.name for file in kept.parent.iterdir()] == ["46_speed.json"]


def test_a_run_without_a_record_leaves_the_old_one(tmp_path):
    old = tmp_path / "data/records/46_speed.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    with pytest.raises(ValueError, match=r"expected a record in .*, received none"):
        keeping.keep(executed(tmp_path), tmp_path)
    assert old.read_text() == "{}"


def test_a_lab_without_a_record_has_none():
    assert labs.kept("00_nothing") is None


def test_a_record_says_when_and_on_what_it_was_made():
    made = {"date": "2026-11-30T10:00:00+00:00", "versions": {"torch": "2.13.0"}}
    made["machine"] = {"processor": "a processor", "cores": 2}
    assert labs.in_a_line(made) == "2026-11-30, a processor, 2 cores; torch 2.13.0"
    here = labs.circumstances()
    assert labs.in_a_line(here).startswith(here["date"][:10])


def test_what_is_published_is_one_line_in_a_terminal(capsys):
    labs.publish("46_speed", {"a": [1.0]}, 0.0)
    assert capsys.readouterr().out.startswith("46_speed: measured in ")
    with pytest.raises(ValueError, match="finite"):
        labs.publish("46_speed", {"a": float("nan")}, 0.0)


def test_the_load_is_a_share_of_all_processors():
    assert 0 <= labs.load()["others"] <= 1
