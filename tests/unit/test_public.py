"""A walk through public names finds what is a package's own, and counts it."""

import sys
from importlib import import_module
from types import ModuleType

import pytest

from sidebyside import public


def module(name: str, **members: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(members)
    return made


def function(name: str, place: str, text: str = "") -> object:
    def made() -> None: ...

    made.__name__, made.__module__, made.__doc__ = name, place, text or None
    return made


def of_class(name: str, place: str) -> type:
    return type(name, (), {"__module__": place})


@pytest.fixture
def box() -> ModuleType:
    """A package with a module, a lower one, a private name and a stranger."""
    add = function("add", "box.math", "Adds two numbers: `box.math.add`. >>> add(1, 2)")
    low = module("box.math.low", add=function("add", "box.math.low"))
    math = module("box.math", add=add, low=low, relu=function("relu", "box.math"))
    return module(
        "box",
        add=add,
        math=math,
        small=of_class("small", "box"),
        _hidden=function("hidden", "box"),
        path=function("join", "posixpath"),
        sys=sys,
        number=3,
    )


def paths(box: ModuleType, **given) -> list[str]:
    return [path for path, _ in public.walk(box, **given)]


def test_a_walk_finds_what_is_public_and_its_own(box) -> None:
    assert paths(box) == ["box.add", "box.small"]
    assert paths(box, depth=1) == [
        "box.add",
        "box.math.add",
        "box.math.relu",
        "box.small",
    ]
    assert "box.math.low.add" in paths(box, depth=2)


def test_a_module_may_be_left_out(box) -> None:
    assert "box.math.low.add" not in paths(box, depth=2, leave={"low"})
    assert paths(box, depth=2, leave={"math"}) == paths(box)


def test_all_says_what_is_public(box) -> None:
    vars(box)["__all__"] = ["small"]
    assert paths(box) == ["box.small"]


def test_a_module_that_holds_itself_is_visited_once(box) -> None:
    box.again = box
    assert paths(box, depth=3).count("box.add") == 1


def test_shares(box) -> None:
    found = dict(public.walk(box, depth=2))
    shares = public.count(found)
    assert shares.homonyms == 1 / 3  # add, of add, relu and small
    assert shares.odd == 1 / 5  # the class `small`
    assert shares.texts == shares.examples == 1 / 4  # one add, of four objects
    assert str(shares).startswith("homonyms 33.3%, odd spellings 20.0%, texts 25.0%")


def test_what_has_no_text_may_be_left_out(box) -> None:
    shares = public.count(dict(public.walk(box, depth=2)), least=20)
    assert (shares.homonyms, shares.texts) == (0, 1)


def test_a_capital_in_a_function_is_odd() -> None:
    found = {"box.Add": function("Add", "box"), "box.Net": of_class("Net", "box")}
    assert public.count(found).odd == 1 / 2


def test_what_texts_mention(box) -> None:
    said = [
        "See `tf.nn.relu`, :func:`~tf.add` and ``tf.Tensor.shape()``.",
        "tf.no `tf`",
    ]
    assert public.mentioned(said, "tf") == {"nn.relu", "add", "Tensor.shape"}
    (seen,) = public.mentioned(public.texts(dict(public.walk(box))).values(), "box")
    assert public.exists(box, seen)
    assert not public.exists(box, "math.sub")


def test_a_module_that_is_imported_on_demand_exists(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "boxed"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "later.py").write_text("here = 1")
    (folder / "broken.py").write_text("import no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    boxed = import_module("boxed")
    assert public.exists(boxed, "later.here")
    assert not public.exists(boxed, "later.there")
    assert not public.exists(boxed, "broken")
    assert not public.exists(boxed, "never.there")


def test_what_cannot_be_counted_is_refused(box) -> None:
    with pytest.raises(ValueError, match="expected depth >= 0, received -1"):
        list(public.walk(box, depth=-1))
    with pytest.raises(ValueError, match="expected objects with texts of 99 letters"):
        public.count(dict(public.walk(box)), least=99)
