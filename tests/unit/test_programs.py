"""What is counted of the programs of three lanes."""

import json

import pytest

from sidebyside import programs, size
from sidebyside.vocabulary import vocabulary

HELPER = "# From sidebyside.tfcore.layers, a helper of the book\n"
SHARED = "# From sidebyside.datasets, a helper of the book\ndef load():\n    return 1\n"
DENSE = "class Dense:\n    def __call__(self, X):\n        return tf.matmul(X, X)\n"
UNUSED = "def unused():\n    return 2\n"


def _three() -> dict[str, dict[str, str]]:
    figure = {"figure": "plt.plot(1)"}
    return {
        "pytorch": {
            "lane-imports": "import matplotlib.pyplot as plt\nfrom torch import nn",
            "helpers-0": SHARED,
            "model": "model = nn.Linear(load(), 2)",
            **figure,
        },
        "tensorflow": {
            "lane-imports": "import os\nimport tensorflow as tf\n"
            'os.environ.setdefault("A", "1")',
            "helpers-0": HELPER + DENSE + "\n" + UNUSED,
            "helpers-1": SHARED,
            "model": "model = Dense(load(), 2)",
            "more": "tf.function(load)",
            **figure,
        },
        "keras": {
            "lane-imports": "from keras import layers",
            "helpers-0": SHARED,
            "model": 'model = layers.Dense(load(), "relu")\nmodel.fit()',
            **figure,
        },
    }


def test_cells_count_that_all_lanes_have_and_that_differ() -> None:
    counts = programs.count(_three())
    assert {c.tasks for c in counts.values()} == {("model",)}


def test_helpers_count_as_far_as_the_cells_need_them() -> None:
    counts = programs.count(_three())
    assert counts["tensorflow"].helpers == size.measure(DENSE)
    assert counts["tensorflow"].sources == {
        "sidebyside.tfcore.layers": size.measure(DENSE).tokens,
        "sidebyside.datasets": 0,  # the same in all lanes
    }
    assert counts["pytorch"].helpers == size.NOTHING


def test_imports_count_with_the_cells_and_settings_do_not() -> None:
    counts = programs.count(_three())
    code = "from torch import nn", "model = nn.Linear(load(), 2)"
    assert counts["pytorch"].cells == size.measure(*code)
    assert counts["pytorch"].whole == counts["pytorch"].cells
    code = "import tensorflow as tf", "model = Dense(load(), 2)"
    assert counts["tensorflow"].cells == size.measure(*code)


def test_names_are_counted_with_those_of_the_helpers() -> None:
    counts = programs.count(_three())
    assert counts["tensorflow"].words.framework == {"tensorflow.matmul"}
    assert counts["keras"].words.framework == {"keras.layers.Dense"}
    assert counts["keras"].words.arguments == {"relu"}
    assert [c.calls_fit for c in counts.values()] == [False, False, True]
    three = _three()
    three["pytorch"]["model"] += "\nmodel.backward()"
    assert not programs.count(three)["pytorch"].calls_fit


def test_the_structure_is_that_of_the_cells_of_a_lane() -> None:
    three = _three()
    three["keras"]["model"] = "for layer in layers.all:\n    layer"
    counts = programs.count(three)
    assert list(counts) == list(programs.FRAMEWORK)
    assert counts["keras"].structure == size.Structure(depth=1, branches=1)
    assert counts["pytorch"].structure == size.Structure(depth=0, branches=0)


def test_a_missing_lane_is_refused() -> None:
    three = _three()
    del three["keras"]
    with pytest.raises(ValueError, match="count: expected programs of"):
        programs.count(three)


def test_notebooks_are_read_cell_by_cell(tmp_path) -> None:
    cells = [
        {"id": "whence", "cell_type": "markdown", "source": ["x"]},
        {"id": "model-keras", "cell_type": "code", "source": ["a = 1\n", "b = 2"]},
    ]
    for name in ("04_loop.keras.ipynb", "05_data.keras.ipynb"):
        (tmp_path / name).write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert programs.read(tmp_path) == {
        "04_loop": {"keras": {"model": "a = 1\nb = 2"}},
        "05_data": {"keras": {"model": "a = 1\nb = 2"}},
    }


def test_kinds_are_the_classes_among_the_names() -> None:
    code = "import pathlib\npathlib.Path.home()\npathlib.PurePath\npathlib.sep"
    words = vocabulary(code, "pathlib")
    assert programs.kinds(words) == ["pathlib.Path", "pathlib.PurePath"]


def test_the_counts_are_shown_and_recorded(monkeypatch) -> None:
    kept = {}
    monkeypatch.setattr(
        programs.records, "emit", lambda kind, fields, **shown: kept.update(fields)
    )
    lanes = programs.count(_three())
    programs.show({"04_loop": lanes}, ["06_b", "05_a"])
    assert [row["lane"] for row in kept["rows"]] == list(programs.FRAMEWORK)
    assert kept["rows"][0]["tokens"] == lanes["pytorch"].whole.tokens
    assert kept["rows"][2]["names"] == lanes["keras"].words.known
    assert kept["missing"] == ["05_a", "06_b"]


def test_a_chapter_without_a_lane_is_not_shown() -> None:
    lanes = programs.count(_three())
    lanes.pop("keras")
    with pytest.raises(
        ValueError, match=r"04_loop, received \['pytorch', 'tensorflow'"
    ):
        programs.show({"04_loop": lanes}, [])
