"""How much code there is."""

import pytest

from sidebyside import size

CODE = '''\
# PyTorch
x = 1  # a comment

def f(a):
    """Say something.

    And more.
    """
    return (
        a + x
    )
'''


def test_comments_docstrings_and_blank_lines_do_not_count() -> None:
    found = size.measure(CODE)
    assert (found.lines, found.statements) == (5, 3)
    assert found.tokens == 3 + 6 + 6
    assert found.names == {"x", "f", "a"}


def test_a_comment_changes_nothing() -> None:
    more = CODE.replace("return (", "return (  # why\n        # and why\n")
    assert size.measure(more) == size.measure(CODE)


def test_pieces_add_up() -> None:
    both = size.measure("x = 1", "y = x")
    assert (both.lines, both.statements, both.tokens) == (2, 2, 6)
    assert both.names == {"x", "y"}
    assert size.measure() == size.NOTHING


def test_functions_and_magics() -> None:
    assert size.measure(_function).statements == 2
    assert size.measure("%time x = 1").lines == 1


def _function() -> int:
    """Return one."""
    return 1


@pytest.mark.parametrize("bad", ["x = (", "def f(:", "if x:\n"])
def test_what_is_no_python_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="size: expected Python, received"):
        size.measure(bad)
