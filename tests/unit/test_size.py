"""How much code there is."""

import pytest

from sidebyside import size
from sidebyside.vocabulary import vocabulary

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


def test_a_docstring_on_the_line_of_its_function_hides_nothing_else() -> None:
    short = size.measure('def f(): "Say it."')
    assert (short.lines, short.statements, short.tokens) == (1, 1, 5)
    beside = size.measure('def f(): "Say it."; return 1')
    assert (beside.statements, beside.tokens) == (2, 8)


def test_a_text_with_values_is_one_token_in_each_version_of_python() -> None:
    assert size.measure('x = f"{a + b:.{n}f} {f(1)}"').tokens == 3
    assert size.measure('x = f"{a}" + b').tokens == 5


PYTORCH = """\
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.output = nn.Linear(4, 2, bias=False)

    def forward(self, X):
        return self.helped(self.output(X))

    def helped(self, X):
        return X


def train(model, X, y):
    rows = []
    loss = F.cross_entropy(model(torch.from_numpy(np.asarray(X))), y, reduction="sum")
    loss.backward()
    rows.append(loss.item())
    return train(model=model, X=X, y=y)
"""
KERAS = """\
import keras
from keras import layers

model = keras.Sequential([layers.Dense(3, "relu", name="hidden")])
model.compile("adam", loss="mse", metrics=["accuracy"])
model.fit(X, y, verbose=0)
"""


def test_names_are_those_of_the_framework_or_from_outside() -> None:
    found = vocabulary(PYTORCH, "torch")
    assert found.framework == {
        "torch.nn.Module",
        "torch.nn.Linear",
        "torch.nn.functional.cross_entropy",
        "torch.from_numpy",
    }
    assert found.outside == {"numpy.asarray"}


def test_methods_are_neither_the_programs_nor_pythons() -> None:
    assert vocabulary(PYTORCH, "torch").methods == {"backward", "item", "forward"}


def test_arguments_count_in_calls_of_the_framework_alone() -> None:
    assert vocabulary(PYTORCH, "torch").arguments == {"bias", "reduction", "sum"}


def test_aliases_f_strings_and_decorators_reach_the_framework() -> None:
    code = (
        "import torch as t\nimport torch.nn.functional as F\n"
        "@t.compile(fullgraph=True)\ndef f(x):\n"
        "    return f'{F.relu(t.ones(2)).mean():.3f}'\n"
    )
    found = vocabulary(code, "torch")
    names = {"torch.compile", "torch.nn.functional.relu", "torch.ones"}
    assert found.framework == names
    assert (found.methods, found.arguments) == ({"mean"}, {"fullgraph"})


def test_an_import_without_alias_gives_the_top_package() -> None:
    found = vocabulary("import torch.nn\ntorch.nn.Linear(1, 2)", "torch")
    assert found.framework == {"torch.nn.Linear"}


def test_attributes_that_are_set_count_unless_they_are_the_programs_own() -> None:
    code = "class Net:\n    sizes: int\n    def __init__(self):\n        self.b = 1\n"
    code += "net.trainable = net.b = net.sizes = False\nnet.sizes\nnet.__name__"
    assert vocabulary(code, "keras").methods == {"trainable"}


def test_methods_of_files_are_pythons() -> None:
    code = "Path('a').glob('*')\nx.is_file()\nx.read_text()\nmodel.fit(x)"
    assert vocabulary(code, "keras").methods == {"fit"}


def test_words_count_inside_containers_and_texts_do_not() -> None:
    code = "import keras\nm = keras.Sequential()\n"
    code += 'm.compile(loss={"out": "mse"}, metrics=[["mae"]])\nm.save("a.keras")\n'
    code += 'm.add(keras.layers.Conv1D(2, 3, padding="same" if a else "causal"))'
    found = vocabulary(code, "keras").arguments
    assert found == {"loss", "mse", "metrics", "mae", "padding", "same", "causal"}


def test_words_that_keras_takes_as_texts_count_and_labels_do_not() -> None:
    found = vocabulary(KERAS, "keras")
    assert found.framework == {"keras.Sequential", "keras.layers.Dense"}
    assert found.methods == {"compile", "fit"}
    words = {"relu", "name", "adam", "loss", "mse", "metrics", "accuracy", "verbose"}
    assert found.arguments == words
    assert found.known == 2 + 2 + 8


def test_what_is_imported_by_its_name_counts_where_it_is_used() -> None:
    code = "from torch.utils.data import DataLoader\n{}"
    unused = vocabulary(code.format("x = 1"), "torch")
    assert not unused.framework
    used = vocabulary(code.format("for X in DataLoader(data, 2): pass"), "torch")
    assert used.framework == {"torch.utils.data.DataLoader"}


def test_structure_counts_blocks_and_branches() -> None:
    code = "def f(a):\n    for x in a:\n        if x:\n            pass\n"
    assert size.structure(code) == size.Structure(depth=3, branches=2)
    assert size.structure("y = [x for x in a] if a or b else 1").branches == 3
    assert size.structure("x = 1") == size.Structure(0, 0)


def test_structure_follows_mccabe() -> None:
    assert size.structure("a or b or c").branches == 2
    assert size.structure("y = [x for x in a if x if b]").branches == 3
    chain = "if a:\n    x\nelif b:\n    x\nelif c:\n    x\n"
    assert size.structure(chain) == size.Structure(depth=1, branches=3)
    deeper = chain.replace("elif c:\n    x", "else:\n    for x in a:\n        x")
    assert size.structure(deeper) == size.Structure(depth=2, branches=3)
    caught = "try:\n    f()\nexcept OSError:\n    x\n"
    assert size.structure(caught) == size.Structure(depth=1, branches=1)


HELPERS = """\
import os
import math
os.environ.setdefault("A", "1")
LIMIT = 3

@decorated
def helped(x):
    return math.sqrt(deeper(x))

def deeper(x):
    return min(x, LIMIT)

def unused(x):
    return x.helped
"""


def test_helpers_are_needed_as_far_as_they_are_reached() -> None:
    texts = size.needed(HELPERS, "y = helped(2)")
    assert [text.split()[0] for text in texts] == [
        "import",
        "import",
        'os.environ.setdefault("A",',
        "LIMIT",
        "@decorated",
        "def",
    ]
    assert not any("unused" in text for text in texts)


def test_an_attribute_of_the_same_name_needs_no_helper() -> None:
    assert len(size.needed(HELPERS, "y = x.helped")) == 2


@pytest.mark.parametrize("function", [size.structure, vocabulary])
def test_the_other_counts_refuse_what_is_no_python(function) -> None:
    with pytest.raises(ValueError, match="size: expected Python, received"):
        function("x = (")
    with pytest.raises(ValueError, match="size: expected Python, received"):
        size.needed("x = 1", "x = (")
