"""Every rule is seen red: the sample keeps all of them, and each change breaks one."""

import json
from pathlib import Path

import nbformat
import pytest
import sample
from breaks import BREAKS, settling
from nbformat import NotebookNode
from sample import both, code, put_after, removed, renamed, source, tagged

from sidebyside_book.authoring.rules import RULES, pattern, problems, setup_problems
from sidebyside_book.authoring.rules.hygiene import stored_form
from sidebyside_book.chapter import notebook_of

ROOT = Path(__file__).resolve().parents[2]

CASES = [(rule, *case) for rule, cases in BREAKS.items() for case in cases]


def wrong(notebook: NotebookNode, rules=RULES) -> list[str]:
    """Return what is wrong with a sample."""
    return problems(notebook_of(notebook, "sample"), rules)


def test_the_sample_keeps_every_rule():
    assert wrong(sample.notebook()) == []


@pytest.mark.parametrize(("rule", "change", "cell", "message"), CASES)
def test_a_broken_rule_is_seen(rule, change, cell, message):
    broken = sample.notebook()
    change(broken)
    (function,) = [one for one in RULES if one.__name__ == rule]
    found = wrong(broken, [function])
    assert any(f.startswith(f"sample: {cell}: ") and message in f for f in found), found


def test_every_rule_is_broken_here():
    assert BREAKS.keys() == {rule.__name__ for rule in RULES}


ALLOWED = {
    "a hyper-parameter in backticks": source("differs", "## What differs\n\n`0.1 s`."),
    "a number with its source": source("differs", "## What differs\n\n3 % ([a](x))."),
    "a number elsewhere": source("data", "## Data\n\nIt has 3 % noise."),
    "an accelerator": lambda nb: nb.metadata.update(accelerator="GPU"),
    "an import that only a seam needs": both(
        tagged("step-keras", "lane-keras", "seam"),
        source("step-keras", "# Keras\nseen_ks = torch.tensor(seen_pt)"),
    ),
    "a helper that is only defined": source(
        "look-1", "def draw():\n    return plots.figure(1)"
    ),
    "a plain name inside a lane": source("step-keras", "# Keras\nx = 1\nseen_ks = x"),
    "a name that is local": source(
        "step-keras", "# Keras\ndef seen_ks(tf, seen_pt):\n    return tf, seen_pt"
    ),
    "a comment above a parameter, too": source(
        "parameters",
        "# now\nSEED = 0  # 0 to 9; any will do\nN = 4  # 1 to 8; enough",
    ),
    "a lane that says it differs": source(
        "step-keras", "# Keras\nseen_ks = more_ks = 1  # differs: two names"
    ),
    "one lane with a reason": both(
        removed("ex-last-tensorflow", "ex-last-keras"),
        tagged("ex-last-pytorch", "solution"),
        renamed("ex-last-pytorch", "ex-last-solution"),
        source("ex-last-solution", "last = 1  # the same in all lanes"),
    ),
    "an import triple that adds a name": source(
        "imports-keras", "# Keras\nimport keras\n\nbackend_ks = keras.backend.backend()"
    ),
    "an import that was asked for": both(
        source(
            "imports",
            "versions.require('ONNX', 'requests')\nimport onnx\n\n"
            "diagrams.training_step()",
        ),
        source("look-1", "if X:\n    import jax"),
    ),
    "a fact that is settled": put_after(
        "look-7",
        sample.text("settle-text", "So it is."),
        code("settle-it", settling("fact")),
    ),
    "a proof that calls through a function": source(
        "parity-check",
        "def asked_of(X):\n    return [ask_pt(X), ask_tf(X), ask_ks(X)]\n\n\n"
        "parity.check('it', {'x': asked_of(X)}, tolerance=0)",
    ),
    "a check by parity": source("ex-last-check", "parity.check('it', {}, tolerance=0)"),
}


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED.keys())
def test_a_rule_leaves_room(change):
    changed = sample.notebook()
    change(changed)
    assert wrong(changed) == []


def test_a_lab_settles_every_kind_of_claim():
    lab = sample.notebook()
    put_after("look-7", code("settle-it", settling("performance")))(lab)
    assert list(pattern.settled(notebook_of(lab, "46_speed"))) == []


BROKEN = "x = (\n  '"


CELLS = sample.notebook().cells


@pytest.mark.parametrize(
    ("name", "text"),
    [(cell.id, "") for cell in CELLS]
    + [(cell.id, BROKEN) for cell in CELLS if cell.cell_type == "code"],
)
def test_no_rule_stumbles(name, text):
    changed = sample.notebook()
    source(name, text)(changed)
    assert wrong(changed) != []


def test_no_rule_stumbles_over_an_empty_notebook():
    assert len(wrong(nbformat.v4.new_notebook())) > len(sample.AIMS.split("- "))


def test_the_setup_cell_is_the_same_everywhere():
    first, same, other = sample.notebook(), sample.notebook(), sample.notebook()
    source("setup", "%pip install -q other")(other)
    named = {"01": first, "02": same, "03": other}
    found = setup_problems([notebook_of(node, name) for name, node in named.items()])
    assert [f.split(": expected")[0] for f in found] == ["03: setup"]


def test_the_tags_of_the_setup_cell_are_the_same_everywhere():
    first, other = sample.notebook(), sample.notebook()
    tagged("setup", "hide-cell")(other)
    assert len(setup_problems([notebook_of(first, "1"), notebook_of(other, "2")])) == 1


GOOD = nbformat.writes(sample.notebook()) + "\n"
ONE_LINE = json.dumps(json.loads(GOOD), sort_keys=True) + "\n"
UNSORTED = GOOD.replace(' "nbformat": 4,\n', "").replace(
    "{\n", '{\n "nbformat": 4,\n', 1
)


def test_the_stored_form_is_kept():
    assert stored_form(GOOD) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.rstrip("\n"), "one newline at the end"),
        (GOOD + "\n", "one newline at the end"),
        (ONE_LINE, "line 1: expected '{'"),
        (GOOD.replace("\n", "\r\n"), "a newline alone"),
        (GOOD.replace("\n ", "\n  "), "line 2: expected"),
        (UNSORTED, "line 2: expected ' \"cells\": ['"),
        (GOOD.replace('"cell_type": "markdown"', '"cell_type": "m"', 1), "'m'"),
    ],
)
def test_another_form_is_seen(text, message):
    found = stored_form(text)
    assert any(message in problem for problem in found), found
