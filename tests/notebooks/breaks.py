"""Changes of the sample notebook, each of which breaks one rule."""

import sample
from nbformat.v4 import new_raw_cell
from sample import both, code, put_after, removed, renamed, source, tagged, text

from sidebyside import ledger

LONG = "\n".join(f"print({n})" for n in range(26))
FOUR = "1 to 8; four is enough"


def settling(kind: str) -> str:
    """Return code that settles a claim of this kind."""
    claims = ledger.load().claims.values()
    name = next(claim.id for claim in claims if claim.kind == kind)
    return f"evidence.settle('{name}', {{'so': X.all()}})"


BREAKS = {  # rule: (what is changed, the cell named, a part of the message)
    "metadata": [
        (lambda nb: nb.metadata.update(language_info={}), "(notebook)", "kernelspec"),
        (lambda nb: nb.update(nbformat_minor=4), "(notebook)", "nbformat (4, 5)"),
        (
            lambda nb: sample.at(nb, "step").metadata.update(scrolled=True),
            "step",
            "{'scrolled'}",
        ),
    ],
    "shown": [
        (
            lambda nb: nb.cells.insert(2, new_raw_cell("\\newpage", id="page")),
            "page",
            "received kind 'raw'",
        ),
        (
            lambda nb: sample.at(nb, "data").update(attachments={"a.png": {}}),
            "data",
            "received ['a.png'] within",
        ),
    ],
    "newlines": [
        (source("figure", "x = 1\r\ny = 2"), "figure", "carriage returns"),
        (source("data", "## Data\r"), "data", "carriage returns"),
    ],
    "nothing_ran": [
        (
            lambda nb: sample.at(nb, "figure").outputs.append({}),
            "figure",
            "no outputs, received 1",
        ),
        (
            lambda nb: sample.at(nb, "figure").update(execution_count=3),
            "figure",
            "no count, received 3",
        ),
    ],
    "ids": [
        (renamed("look-1", "look-2"), "look-2", "received this one 2 times"),
        (renamed("look-1", "3f2a9c1b"), "3f2a9c1b", "id of words"),
        (renamed("look-1", "a3f2a9c1"), "a3f2a9c1", "id of words"),
        (renamed("look-1", "Look_one"), "Look_one", "id of words"),
        (renamed("look-1", "look-"), "look-", "id of words"),
    ],
    "empty": [(source("data-make", " \n"), "data-make", "received none")],
    "known_tags": [
        (tagged("figure", "raises-exception"), "figure", "raises-exception"),
        (tagged("figure-text", "hide-input"), "figure-text", "hide-input"),
        (tagged("parity-check", "parity", "parity"), "parity-check", "each tag once"),
    ],
    "parses": [
        (source("figure", "x = = 1"), "figure", "line 1"),
        (source("figure", "\n%%capture\nimport onnx"), "figure", "magic '%%capture'"),
    ],
    "relative_paths": [
        (source("figure", "open('/home/me/x')"), "figure", "'/home/...'"),
        (source("figure", "open('C:\\\\data')"), "figure", "'C:\\...'"),
        (source("step", "See [it](file:///x)."), "step", "'file://...'"),
    ],
    "installs": [
        (source("figure", "%pip install torch"), "figure", "'%pip install torch'"),
        (source("figure", "if X:\n    !pip -V"), "figure", "'!pip -V'"),
    ],
    "needs": [
        (source("look-1", "import onnx"), "look-1", "versions.require('onnx')"),
        (
            both(
                source("imports", "versions.require('jax')\nimport jax"),
                source("look-1", "from ai_edge_litert.interpreter import Interpreter"),
            ),
            "look-1",
            "versions.require('ai-edge-litert')",
        ),
    ],
    "alt_text": [
        (
            lambda nb: sample.at(nb, "figure").metadata.clear(),
            "figure",
            "expected alt text",
        ),
        (
            lambda nb: sample.drawn(sample.at(nb, "figure"), "A line."),
            "figure",
            "'A line.'",
        ),
        (
            lambda nb: sample.drawn(
                sample.at(nb, "figure"), "_images/0123456789abc.png"
            ),
            "figure",
            ".png'",
        ),
        (
            lambda nb: sample.at(nb, "figure").metadata.mystnb.image.pop("classes"),
            "figure",
            "'dark-light', received None",
        ),
        (source("look-1", "plt.plot(X)"), "look-1", "expected alt text"),
        (
            both(
                source("look-1", "def draw():\n    return plots.figure(1)"),
                source("look-2", "draw()"),
            ),
            "look-2",
            "expected alt text",
        ),
    ],
    "finished": [
        (put_after("imports", text("todo", "Do it.")), "todo", "its notes in todo"),
        (
            source("step", "> **To the author.** Write it."),
            "todo",
            "its notes in step",
        ),
    ],
    "landmarks": [
        (removed("references"), "references", "received none"),
        (
            lambda nb: sample.at(nb, "summary").update(cell_type="code"),
            "summary",
            "expected a markdown cell, received code",
        ),
        (
            both(removed("summary"), put_after("exercises", text("summary", "- One."))),
            "title",
            "in the order",
        ),
        (removed("imports"), "title", "expected to begin with"),
        (source("summary", "## Results", "## Summary"), "summary", "'## Summary'"),
        (source("differs", "## Results"), "summary", "'## What differs' above"),
        (put_after("report", text("more", "More.")), "more", "as the last cell"),
        (source("report", "report.show()"), "report", "received 'report.show()'"),
    ],
    "title": [
        (source("step", "# The step"), "step", "expected 0 headings"),
        (source("title", "## A\n\n**Is it?**"), "title", "expected 1 headings"),
        (source("title", "# A\n\nIt is."), "title", "one question"),
        (source("title", "# A\n\nIs it?\n\nIt is?"), "title", "one question"),
    ],
    "aims": [
        (source("aims", "", "- write a step in each lane\n"), "aims", "received 2"),
        (source("aims", "- the step", "- write a step"), "aims", "'the step"),
        (source("aims", "- writing a step", "- write a step"), "aims", "'writing"),
        (source("aims", "- Write a step", "- write a step"), "aims", "'Write"),
        (source("aims", "| this |", "| prerequisite |"), "aims", "expected a table"),
        (source("aims", "a while", "5 minutes"), "aims", "'takes about N minutes'"),
    ],
    "parameters": [
        (tagged("parameters"), "parameters", "the tag 'parameters'"),
        (source("parameters", "n = ", "N = "), "parameters", "'n = 4"),
        (source("parameters", "4 * 1", "4"), "parameters", "'N = 4 * 1"),
        (source("parameters", "N = M = 4", "N = 4"), "parameters", "'N = M = 4"),
        (source("parameters", "print(4)", "N = 4"), "parameters", "'print(4)"),
        (source("parameters", "", f"  # {FOUR}"), "parameters", "of N"),
        (source("parameters", "# four", f"# {FOUR}"), "parameters", "of N"),
        (source("parameters", "# four is", "# 1 to 8; four is"), "parameters", "range"),
        (source("parameters", "# 5 to", "# 1 to"), "parameters", "5 to 8; received 4"),
        (source("parameters-check", "print(N)"), "parameters-check", "'print(N)'"),
        (source("data-make", "4", "N"), "parameters", "a cell uses N"),
    ],
    "evidence": [
        (
            source("figure", "evidence.settle('C01', {'a': True})"),
            "figure",
            "evidence.settle in cells named 'settle-...' only",
        ),
        (renamed("figure", "settle-it"), "settle-it", "received named=True"),
        (
            source("figure", "evidence.measure('accuracy', found)"),
            "figure",
            "evidence.measure in cells named 'measure-...' only",
        ),
    ],
    "size": [
        (removed(*(f"look-{n}" for n in range(5))), "exercises", "received 7"),
        (
            put_after("data", *(code(f"more-{n}", "X") for n in range(30))),
            "exercises",
            "received 42",
        ),
        (source("data-make", LONG), "data-make", "at most 25 lines"),
        (
            both(*(source(f"look-{n}", LONG[:150]) for n in range(8))),
            "look-0",
            "four of five",
        ),
    ],
    "prose": [
        (removed("figure-text"), "figure", "what to look at"),
        (source("figure-text", "### Figure"), "figure", "what to look at"),
        (source("figure-text", "```\ncode\n```"), "figure", "what to look at"),
        (removed("step"), "step-pytorch", "what to look at"),
        (removed("parity-text"), "parity-check", "what to look at"),
        (
            put_after("step-keras", *sample.triple("two", sample.OPERATIONS)),
            "two-pytorch",
            "what to look at",
        ),
    ],
    "proof": [
        (tagged("parity-check"), "summary", "tagged 'parity' before it"),
        (source("parity-check", "assert X"), "parity-check", "parity.rehearsal"),
        (
            source(
                "parity-check",
                "try:\n    parity.check()\nexcept Exception:\n    print()",
            ),
            "parity-check",
            "parity.rehearsal",
        ),
    ],
    "summary": [(source("summary", "", "- Equal.\n"), "summary", "received 2")],
    "measured": [
        (source("differs", number, "8 × 8"), "differs", f"'{number}'")
        for number in ("98 %", "98.2%", "3.1 ms", "2s", "4x", "1.5×", "1e-5")
    ]
    + [
        (
            source("summary", "It is 3.5 times faster.", "Equal."),
            "summary",
            "3.5 times",
        ),
        (
            source("summary", "It takes 2 s. See [this](x).", "Equal."),
            "summary",
            "'2 s'",
        ),
    ],
    "choice": [
        (source("ex-last", "An exercise"), "exercises", "received 2"),
        (source("ex-sum", "Same", "Translation"), "exercises", "'Translation: ...'"),
        (source("ex-guess", "Run", "Predict, then run"), "exercises", "'Predict"),
    ],
    "shape": [
        (put_after("exercises", text("more", "More.")), "more", "expected an exercise"),
        (renamed("ex-sum", "sum"), "sum", "expected an exercise: id 'ex-NAME'"),
        (renamed("ex-sum-open", "ex-sum-start"), "ex-sum", "received ['ex-sum', 'ex-s"),
        (removed("ex-sum-close"), "ex-sum", "solution cells, -close"),
        (
            removed("ex-sum-pytorch", "ex-sum-tensorflow", "ex-sum-keras"),
            "ex-sum",
            "solution cells, -close",
        ),
        (source("ex-sum-open", "ex-last", "ex-sum"), "ex-sum-open", "dropdown"),
        (source("ex-sum-open", "", ":class: dropdown\n"), "ex-sum-open", "dropdown"),
        (source("ex-sum-close", "Done."), "ex-sum-close", "'Done.'"),
        (tagged("ex-sum-close"), "ex-sum-close", "the tag 'solution'"),
        (tagged("ex-sum-keras", "lane-keras"), "ex-sum-keras", "the tag 'solution'"),
        (removed("ex-sum-keras"), "ex-sum", "why one is enough"),
        (tagged("ex-sum-check"), "ex-sum-check", "tagged 'self-check'"),
        (source("ex-sum-check", "print(1)"), "ex-sum-check", "expected an assert"),
    ],
    "named": [
        (source("ex-last", "ex-sum", "ex-last"), "exercises", "ex-sum twice"),
        (tagged("step-keras", "solution"), "step-keras", "among the exercises only"),
    ],
    "translations": [
        (source("ex-sum", "`sum`", "`sum(x)`"), "ex-sum", "code of a lane"),
        (source("ex-sum", "NumPy", "PyTorch"), "ex-sum", "the lane that is given"),
        (tagged("ex-sum-keras", "solution"), "ex-sum", "a solution in each lane"),
        (source("ex-sum-check", "assert sum_pt"), "ex-sum-check", "parity.ladder"),
    ],
    "predictions": [
        (
            source("ex-guess", "Write `guess_pt`.", sample.asked("guess")),
            "ex-guess",
            "two",
        ),
        (source("ex-guess-check", "assert True"), "ex-guess", "to be graded"),
        (source("ex-guess", "and `it_ks`", "and `guess_ks`"), "ex-guess", "`guess_ks`"),
    ],
    "alone": [
        (
            source("ex-last-check", "assert last_pt == sum_tf"),
            "ex-last",
            "sum_tf: ex-sum",
        ),
        (source("look-1", "last_pt = 1"), "ex-last", "not there yet, not last_pt"),
    ],
    "triples": [
        (removed("step-tensorflow"), "step-pytorch", "received ['pytorch', 'keras']"),
        (put_after("step-pytorch", text("more", "More.")), "step-pytorch", "neighbour"),
        (renamed("step-keras", "stop-keras"), "stop-keras", "received ['keras']"),
        (renamed("step-keras", "step-ks"), "step-ks", "ends in '-keras'"),
        (tagged("step-keras"), "step-keras", "'lane-keras' or 'seam'"),
        (
            tagged("step-keras", "lane-keras", "lane-pytorch"),
            "step-keras",
            "one lane tag",
        ),
        (source("step-keras", "# keras", "# Keras"), "step-keras", "'# Keras'"),
        (
            both(
                removed("step-pytorch"),
                put_after("step-keras", sample.triple("step", sample.OPERATIONS)[0]),
            ),
            "step-tensorflow",
            "received ['tensorflow', 'keras', 'pytorch']",
        ),
    ],
    "coverage": [
        (removed("step-keras"), "The step", "all lanes equally often"),
        (
            removed(*(f"{n}-{lane}" for n in ("ask", "step") for lane in sample.LANES)),
            "(notebook)",
            "section with lanes",
        ),
    ],
    "same_names": [
        (source("step-keras", "keras"), "step-keras", "the name 'seen_..'"),
        (source("step-keras", "more_ks = 1"), "step-keras", "the name 'more_..'"),
        (
            source("step-keras", "class More_ks:\n    '# differs: no comment'"),
            "step-keras",
            "the name 'More_..'",
        ),
    ],
    "own_framework": [
        (source("step-keras", "tf.sin(1)"), "step-keras", "'tf': tensorflow"),
        (source("step-keras", "import torch"), "step-keras", "'torch': pytorch"),
        (source("step-tensorflow", "nn.ReLU()"), "step-tensorflow", "'nn': pytorch"),
        (source("step-pytorch", "tfcore.Dense"), "step-pytorch", "tensorflow"),
        (
            source("step-tensorflow", "def f_tf():\n    return lane_ks.seed(1)"),
            "step-tensorflow",
            "'lane_ks': keras",
        ),
        (
            source("step-tensorflow", "from tensorflow import keras"),
            "step-tensorflow",
            "'keras': keras",
        ),
        (
            source("step-tensorflow", "tf.compat.v1.keras.layers"),
            "step-tensorflow",
            "'tf.keras'",
        ),
        (source("step-keras", "import jax.numpy as jnp"), "step-keras", "'jnp': jax"),
    ],
    "one_meaning": [
        (source("look-2", "from scipy import nn"), "look-2", "torch.nn, as above")
    ],
    "own_variables": [
        (source("step-keras", "print(seen_pt)"), "step-keras", "'seen_pt'"),
        (source("step-keras", "seen_tf = 1"), "step-keras", "'seen_tf'"),
        (
            source("step-tensorflow", "def f_tf():\n    return seen_ks"),
            "step-tensorflow",
            "'seen_ks'",
        ),
    ],
    "leftovers": [
        (
            source("parity-check", "parity.check(row)"),
            "parity-check",
            "of 'step-keras', received 'row'",
        ),
        (source("step-keras", "X = 1"), "figure", "of 'step-keras', received 'X'"),
        (
            source("step-keras", "k = 1\ndef f_ks():\n    return k"),
            "step-keras",
            "what f_ks reads when it is called, received 'k'",
        ),
    ],
    "lines": [
        (source("figure", f"'{'x' * 87}'"), "figure", "received 89"),
        (source("figure", "from numpy import *"), "figure", "'import *'"),
    ],
    "lengths": [
        (
            put_after("data", *(text(f"more-{n}", "More.") for n in range(30))),
            "exercises",
            "at most 60 cells before",
        ),
        (
            put_after("exercises", *(text(f"more-{n}", "More.") for n in range(5))),
            "exercises",
            "at most 24 cells from",
        ),
        (source("data", "## Data\n\n" + "many " * 1800), "title", "1800 words"),
        (
            source("ex-last", sample.EXERCISE.replace("TITLE", "many " * 1800).strip()),
            "title",
            "1800 words",
        ),
        (source("aims", "about 21 min", "about 5 min"), "aims", "20 minutes"),
    ],
    "box": [
        (removed("short"), "short", "received 'none'"),
        (source("short", "## In short", ":::{admonition} In short"), "short", "begins"),
        (source("short", "- Steps.\n" * 8, "- Steps"), "short", "to 8 lines"),
        (source("short", "3", "{glue:text}`the difference`"), "short", "a number by"),
        (source("short", "", "If you come from ..."), "short", "below the box"),
        (
            source("short", "| **Keras** | all is new |", f"| **Keras** {sample.NEW}"),
            "short",
            "'| **Keras' with a link",
        ),
        (
            source("short", "", f"\n| **TensorFlow core** {sample.NEW}"),
            "short",
            "'| **TensorFlow' with",
        ),
    ],
    "picture": [
        (source("imports", sample.IMPORTED), "idea", "received none"),
        (
            both(
                source("imports", sample.IMPORTED),
                source("look-7", "diagrams.training_step()"),
                sample.moved("step-pytorch", "look-7"),
            ),
            "idea",
            "received it first in 'look-7'",
        ),
    ],
    "proves_what_is_shown": [
        (source("parity-check", "X", "ask_ks(X)"), "summary", "received none in keras"),
        (
            source("ask-pytorch", "# PyTorch\nask_pt = len"),
            "summary",
            "received none in pytorch",
        ),
    ],
    "settled": [
        (put_after("look-7", code("settle-it", settling(kind))), "settle-it", kind)
        for kind in ("performance", "usability")
    ],
}
