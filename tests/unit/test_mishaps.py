"""The atlas of mistakes: what it catches, what it counts, what it refuses."""

import json
import logging
import sys
import warnings
from typing import Any

import pytest

from sidebyside import batches, mishaps, mistakes

LONG = "Expected (None, 64), received [8,8] " + "x" * 2000 + " the end"


def atlas_of(**outcomes: str) -> mishaps.Atlas:
    """Return an atlas with one mistake, a lane -> its outcome."""
    atlas = mishaps.Atlas()
    for lane, outcome in outcomes.items():
        if outcome == "impossible":
            atlas.rule_out("shape", lane, "it has no shapes")
            continue
        with atlas.catch("shape", lane) as case:
            if outcome == "raises":
                raise ValueError(LONG)
            if outcome == "warns":
                warnings.warn("careful", stacklevel=1)
            case.right = outcome == "right"
    return atlas


@pytest.mark.parametrize("kind", list(mishaps.KINDS))
def test_what_becomes_of_a_mistake_is_one_of_five(kind: str) -> None:
    mishap = atlas_of(keras=kind)["shape", "keras"]
    assert (mishap.kind, mishap.loud) == (kind, kind in ("raises", "warns"))


def test_an_error_is_kept_with_what_can_be_counted() -> None:
    atlas = mishaps.Atlas()
    with atlas.catch("shape", "pytorch"):
        _fail_in_a_library()
    mishap = atlas["shape", "pytorch"]
    assert mishap.error == "JSONDecodeError"
    assert mishap.frames >= 1  # in the standard library, below our line
    assert (mishap.where, mishap.at) == ("_fail_in_a_library", "json.loads(LONG)")
    assert isinstance(mishap.exception, ValueError)
    assert mishap.seen == "at once"


def _fail_in_a_library() -> None:
    json.loads(LONG)


def test_a_message_is_asked_what_it_names() -> None:
    atlas = mishaps.Atlas()
    asked = ((None, 64), (8, 8), (64, 8), (8,), "THE end", "begin|start")
    with atlas.catch("shape", "keras", *asked):
        raise ValueError(LONG)
    named = atlas["shape", "keras"].named
    assert list(named.values()) == [True, True, False, True, True, False]
    assert list(named)[-1] == "begin or start"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("model.fit(X, y)", "fit"),
        ("loss = step(model)", "step"),
        ('(loss,) = model.fit(X).history["loss"]', "fit"),
        ("bias -= 0.1 * ones(3)", "the cell"),
        ("not python (", "the cell"),
    ],
)
def test_an_error_in_a_cell_is_placed_by_the_call(line: str, where: str) -> None:
    from sidebyside import _mishap

    assert _mishap._outermost(line) == where


def test_warnings_and_logs_are_held_back_and_kept_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    atlas = mishaps.Atlas()
    with atlas.catch("storm", "tensorflow") as case:
        for k in range(3):
            logging.getLogger("some").warning("%d calls", k)
        logging.getLogger("some").info("not this")
        warnings.warn("nor this", DeprecationWarning, stacklevel=1)
        case.right = True
    mishap = atlas["storm", "tensorflow"]
    assert (mishap.kind, mishap.error) == ("warns", "log of some")
    assert mishap.message == "0 calls"
    assert caplog.records == []
    logging.getLogger("some").warning("after")
    assert [record.getMessage() for record in caplog.records] == ["after"]


def test_a_run_is_followed_until_it_parts_from_the_healthy_one() -> None:
    case = mishaps.Case()
    case.follow([1.0, 0.5, 0.4], [1.0, 0.5, 0.2], by=0.2)
    assert case.seen == "after 3 of 3 epochs"
    case.follow([1.0, float("nan")], [1.0, 0.5], by=0.2, unit="steps")
    assert case.seen == "after 2 of 2 steps"
    case.follow([1.1, 0.5], [1.0, 0.5], by=0.2)
    assert case.seen == "in none of 2 epochs"
    assert case.right is None  # a near loss is no proof of a right one
    for bad in ([], [1.0, 2.0], [[1.0]]):
        with pytest.raises(ValueError, match="expected two rows of equal length"):
            case.follow(bad, [1.0], by=0.2)


def test_what_the_chapter_itself_does_wrong_is_no_finding() -> None:
    atlas = mishaps.Atlas()
    with pytest.raises(NameError), atlas.watch("shape", "keras"):
        undefined  # noqa: B018, F821
    silence = "expected an error, or `right` to be set"
    with pytest.raises(ValueError, match=silence), atlas.watch("shape", "keras"):
        pass
    with pytest.raises(ValueError, match="expected one of"), atlas.watch("x", "jax"):
        pass
    assert atlas == {}


def test_a_folder_of_the_books_name_makes_no_code_the_books() -> None:
    """As in a clone that is called `sidebyside`, with its environment inside."""
    place = "/home/me/sidebyside/.venv/lib/python3.11/site-packages/torch/x.py"
    library = compile("raise ValueError('a wrong shape')", place, "exec")
    atlas = mishaps.Atlas()
    with atlas.catch("shape", "pytorch"):
        exec(library)
    assert atlas["shape", "pytorch"].error == "ValueError"


def test_what_the_books_own_package_raises_is_no_finding() -> None:
    atlas = mishaps.Atlas()
    with pytest.raises(ValueError, match="IndexBatches"), atlas.watch("x", "pytorch"):
        batches.IndexBatches(0, 1, seed=0)
    assert atlas == {}


@pytest.mark.parametrize(
    ("said", "kind"),
    [("no driver was found", "silent"), ("softmax twice?", "warns")],
)
def test_a_warning_about_something_else_decides_nothing(said: str, kind: str) -> None:
    atlas = mishaps.Atlas()
    with atlas.catch("logits twice", "keras", "softmax") as case:
        warnings.warn(said, stacklevel=1)
        case.right = False
    assert atlas["logits twice", "keras"].kind == kind


def test_an_error_about_something_else_is_not_taken_for_the_finding() -> None:
    atlas = mishaps.Atlas()
    with atlas.catch("shape", "pytorch", (64, 64), "shape"):
        raise RuntimeError("no module named pandas")
    with pytest.raises(mishaps.MishapError, match="expected a message about it, rec"):
        atlas.check({"shape": ("raises", None, None)})


def test_what_cannot_happen_is_kept_with_its_reason(
    shown: list[dict[str, Any]],
) -> None:
    atlas = atlas_of(tensorflow="impossible", pytorch="silent")
    atlas.check({"shape": ("silent", "impossible", None)})
    assert "why: it has no shapes" in shown[-1]["text/plain"]
    atlas.show()
    row = shown[-1]["text/plain"].splitlines()[2]
    assert "can't happen here" in row
    assert "not made" in row


def test_a_cell_that_runs_again_replaces_what_was_kept() -> None:
    atlas = atlas_of(pytorch="silent", keras="right")
    with atlas.catch("shape", "pytorch"):
        raise TypeError("now it speaks")
    assert [mishap.kind for mishap in atlas.values()] == ["raises", "right"]


def test_another_outcome_than_expected_is_named() -> None:
    atlas = atlas_of(pytorch="raises", keras="silent")
    atlas.check({"shape": ("raises", None, "silent")})
    with pytest.raises(mishaps.MishapError) as caught:
        atlas.check(
            {"shape": ("raises", "warns", "right"), "NaN": (None, None, "right")}
        )
    assert str(caught.value) == (
        "atlas: shape in tensorflow: expected 'warns', received None; "
        "shape in keras: expected 'right', received 'silent'; "
        "NaN in keras: expected 'right', received None"
    )
    with pytest.raises(mishaps.MishapError, match="shape in keras: expected None"):
        atlas.check({"shape": ("raises", None, None)})


def test_a_card_shows_a_long_message_in_part_and_says_so(
    shown: list[dict[str, Any]],
) -> None:
    atlas = mishaps.Atlas()
    with atlas.watch("<shape>", "keras", (8, 8)):
        raise ValueError(f"\x1b[1m<b>{LONG}\x1b[0m")
    (bundle,) = shown
    text, page = bundle["text/plain"], bundle["text/html"]
    assert "characters left out" in text
    assert text.count("x") < 1000
    assert "the end" in text
    assert f"characters: {len(LONG) + 3:,}" in text
    assert "\x1b" not in page
    assert "<b>Expected" not in page
    assert "<b>&lt;shape&gt;</b> <span>ValueError</span>" in page
    assert (
        'tabindex="0" role="region" aria-label="Keras, &lt;shape&gt;: raises"' in page
    )


def test_the_table_has_a_row_a_mistake(shown: list[dict[str, Any]]) -> None:
    atlas = atlas_of(pytorch="raises", keras="silent")
    atlas.show()
    text = shown[-1]["text/plain"].splitlines()
    assert len(text) == 3
    for part in ("raises in ", "not made", "SILENT, unseen"):
        assert part in text[2]
    assert f"{len(LONG):,}" not in text[2]  # lengths change with versions


def test_a_message_loses_what_differs_between_machines() -> None:
    long = 'File "/a/lib/python3.11/site-packages/keras/x.py" at 0x7f0123456789'
    assert mishaps.shorten(long) == 'File "keras/x.py" at 0x...'
    assert mishaps.shorten("/tmp/ipykernel_12/34.py: oh") == "cell.py: oh"
    assert mishaps.shorten('"/usr/lib/python3.11/asyncio/e.py"') == '"asyncio/e.py"'


def test_the_table_says_what_becomes_of_each_mistake() -> None:
    table = mistakes.load()
    assert table["labels from 1"].kinds("jax") == ("raises", "raises", "silent")
    assert table["labels from 1"].kinds("torch")[-1] == "raises"
    assert table["NumPy, as advised"].kinds("tensorflow")[-1] is None  # not made
    for mistake in table.values():
        assert set(mistake.outcomes) >= {"tensorflow"}


def test_messages_and_outcomes_are_held_against_the_table(monkeypatch) -> None:
    table = {"no mean": mistakes.load()["no mean"]}
    monkeypatch.setattr(mistakes, "load", lambda: table)
    atlas = mishaps.Atlas()
    for lane, right in (("tensorflow", False), ("keras", True)):
        with atlas.catch("no mean", lane) as case:
            case.right = right
    with pytest.raises(mishaps.MishapError, match="no mean in pytorch: expected 'rai"):
        mistakes.hold(atlas, "jax")
    with atlas.catch("no mean", "pytorch"):
        raise ValueError("something else")
    with pytest.raises(mishaps.MishapError, match="a message about it"):
        mistakes.hold(atlas, "jax")
    with atlas.catch("no mean", "pytorch"):
        raise ValueError("only for scalar outputs")
    mistakes.hold(atlas, "jax")
    assert atlas["no mean", "pytorch"].named == {"what a loss must be": True}
    assert atlas["no mean", "keras"].named == {}


def test_the_table_says_what_a_message_leaves_out() -> None:
    inside = mistakes.load()["NumPy inside"]
    assert all(inside.named("pytorch", "jax").values())
    assert all(inside.named("keras", "torch").values())
    assert not inside.named("keras", "jax")["NumPy"]


def test_a_message_that_names_less_than_the_table_says_is_found(monkeypatch) -> None:
    row = mistakes.load()["one-hot labels"]
    monkeypatch.setattr(mistakes, "load", lambda: {"one-hot labels": row})
    atlas = mishaps.Atlas()
    said = {"pytorch": "class", "tensorflow": "rank, (64, 10)", "keras": "(64, 10)"}
    for lane, message in said.items():
        with atlas.catch("one-hot labels", lane):
            raise ValueError(message)
    mistakes.hold(atlas, "jax")
    with pytest.raises(mishaps.MishapError, match="one-hot labels in keras: expected"):
        mistakes.hold(atlas, "tensorflow")


def test_what_notices_a_silent_mistake_is_shown(capsys) -> None:
    atlas = mishaps.Atlas()
    for lane, right in (("pytorch", False), ("tensorflow", False), ("keras", True)):
        with atlas.catch("constant pixel", lane) as case:
            case.right = right
    with atlas.catch("no mean", "keras") as case:
        case.right = True
    mistakes.show_checks(atlas)
    said = capsys.readouterr().out
    assert "X.isfinite().all()" in said
    assert "not needed: right" in said
    assert "no mean" not in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcomes": {"pytorch": "fine"}}, "outcomes: pytorch"),
        ({"outcomes": {"pytorch": "silent"}}, "a `notice` for pytorch"),
        ({"notice": {"keras": "look"}}, "a `notice` for keras"),
        ({"outcomes": {"keras": {"jax": "right"}}}, "for keras, received"),
        ({"left_out": {"keras": {"jax": []}}}, "for keras, received"),
        ({"left_out": {"pytorch": ["a shape"]}}, "pytorch to leave out `names`"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    row = {"id": "a", "outcomes": {"pytorch": "raises", "keras": "right"}} | change
    with pytest.raises(ValueError, match=f"mistakes.yaml: a: .*{said}"):
        mistakes.parse([row])


def test_the_debugger_answers_where_it_stands() -> None:
    def inside(hidden: int) -> tuple[float | None, float | None]:
        frame = sys._getframe()
        return mishaps.ask(frame, "hidden + 1"), mishaps.ask(frame, "missing + 1")

    assert inside(41) == (42.0, None)
