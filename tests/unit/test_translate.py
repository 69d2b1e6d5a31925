"""`sidebyside translate`: what people type, and the row that answers first."""

import pytest
from closed_pipe import into_closed_pipe

from sidebyside.reference.rosetta import entries
from sidebyside_book import cli
from sidebyside_book.translate import ranking
from sidebyside_book.translate.aliases import ALIASES
from sidebyside_book.translate.command import MOST

FIRST = {
    # names in full
    "torch.scatter_add": "scatter-add",
    "torch.nn.functional.cross_entropy": "cross-entropy",
    "torch.utils.data.DataLoader": "batches",
    "torch.matmul": "matmul",
    "tf.gather": "pick-columns",
    "torch.gather": "gather-along-axis",
    "tf.gather_nd": "gather-points",
    "tf.nn.relu": "relu",
    "tf.reduce_mean": "mean",
    "tf.function": "compile-a-step",
    "keras.ops.clip": "clip",
    "tensorflow.nn.softmax": "softmax",
    # the short names of imports
    "tf.keras.layers.Dense": "dense-layer",
    "tf.keras.optimizers.Adam": "adam",
    "layers.Conv2D": "convolution",
    "layers.Dropout": "dropout-evaluation",
    "layers.MaxPooling2D": "max-pool",
    "F.relu": "relu",
    "F.linear": "affine",
    "nn.Linear": "dense-layer",
    "nn.BatchNorm2d": "batch-norm-evaluation",
    "nn.CrossEntropyLoss": "cross-entropy",
    "nn.MSELoss": "mean-squared-error",
    "optim.SGD": "sgd",
    "np.concatenate": "concatenate",
    "np.linalg.inv": "inverse",
    "np.random.normal": "normal",
    # calls, methods, decorators, blocks
    "keras.layers.Dense(10)": "dense-layer",
    "nn.Conv2d(3, 8, 3)": "convolution",
    "nn.ConvTranspose2d(8, 3, 3)": "convolution-transposed",
    "nn.MultiheadAttention(8, 2)": "multi-head-attention",
    "optim.Adam(model.parameters(), lr=": "adam",
    "torch.topk()": "top-k",
    "x.detach()": "stop-gradient",
    ".detach()": "stop-gradient",
    "x.view(-1)": "reshape",
    "loss.backward()": "gradient",
    "optimizer.zero_grad()": "clear-gradients",
    "model.load_weights(path)": "load-weights",
    "@tf.function": "compile-a-step",
    "with torch.no_grad():": "record-nothing",
    "with tf.GradientTape() as tape:": "gradient",
    # ends of names, in any case
    "scatter_add": "scatter-add",
    "linear": "dense-layer",
    "batchnorm": "batch-norm-evaluation",
    "SOFTMAX": "softmax",
    "layernorm": "layer-norm",
    "sum": "sum",
    "concat": "concatenate",
    "randn": "normal",
    # words
    "learning rate": "read-the-rate",
    "detach": "stop-gradient",
    "gather": "gather-along-axis",
    "one hot": "one-hot",
    "early stopping": "early-stopping",
    "gradient clipping": "clip-global-norm",
    "gradient checkpointing": "recompute",
    "hessian": "hessian-times-vector",
    "log(1 + x)": "log1p",
    "running sum": "cumulative-sum",
    "@": "matmul",
}


def ids(text: str) -> list[str]:
    return [entry.id for entry in ranking.answers(text)]


@pytest.mark.parametrize(("text", "row"), FIRST.items())
def test_the_expected_row_answers_first(text: str, row: str) -> None:
    assert ids(text)[0] == row


@pytest.mark.parametrize("row", ALIASES)
def test_an_alias_leads_to_its_row_and_is_needed_for_it(
    row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ALIASES[row]
    assert {ids(word)[0] for word in words} == {row}
    monkeypatch.setattr(ranking, "ALIASES", {})
    assert row not in [ids(word)[0] for word in words if ids(word)]


def test_names_go_before_lines_and_lines_before_traps() -> None:
    found = ids("detach")
    table = entries.load()
    in_line = ["detach" in " ".join(table[row].lines.values()) for row in found]
    assert found[0] == "stop-gradient"
    assert in_line == sorted(in_line, reverse=True)
    assert set(in_line) == {True, False}, "both kinds, or this test shows nothing"


def test_a_word_matches_no_middle_of_a_word() -> None:
    assert "one" in entries.load()["exponential"].task.lower()
    assert "exponential" not in ids("one")


def test_what_is_printed_fits_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    count = len(ids("mean"))
    assert cli.main(["translate", "mean"]) == 0
    some = capsys.readouterr().out
    assert some.endswith(f"\n{count - MOST} more rows: add --all to see every one.\n")
    assert some.count("  PyTorch   ") == MOST
    assert cli.main(["translate", "--all", "mean"]) == 0
    every = capsys.readouterr().out
    assert every.count("  PyTorch   ") == count
    assert "more row" not in every


def test_a_row_is_printed_with_its_lines_and_its_trap(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["translate", "one", "hot"]) == 0
    said = capsys.readouterr().out
    entry = entries.load()["one-hot"]
    assert said.startswith(entry.task)
    assert all(part in said for part in [*entry.lines.values(), entry.note])


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("torch.clammp", "torch.clamp"),
        ("Sofmax", "softmax"),
        ("learning rat", "optimizer.learning_rate"),
        ("tf.keras.layers.Dens(10)", "keras.layers.Dense"),
        ("DataLoder", "DataLoader"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is_near(
    text: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["translate", text]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"nothing in the table for {text!r}; near to it: {near}" in said.err


def test_nothing_is_near_to_a_word_of_no_framework(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["translate", "xyzzy"]) == 1
    assert capsys.readouterr().err == ("translate: nothing in the table for 'xyzzy'\n")


@pytest.mark.parametrize("text", ["", "  ", "()"])
def test_a_question_without_a_word_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["translate", text]) == 2
    assert "expected a name or words, received" in capsys.readouterr().err


@pytest.mark.parametrize("more", [(), ("--all",)])
def test_a_closed_pipe_is_silent(more: tuple[str, ...]) -> None:
    ran = into_closed_pipe("translate", *more, "mean")
    assert (ran.returncode, ran.stderr) == (141, "")
