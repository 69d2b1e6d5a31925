"""What a reader sees: records, tables, the report, figures."""

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.colors import to_rgb

from sidebyside import plots, records, report


@pytest.mark.parametrize(
    "bad",
    [
        {"value": float("nan")},
        {"rows": [{"value": float("inf")}]},
        {"value": np.float32(1)},
        {"value": np.zeros(2)},
        {"value": {1, 2}},
    ],
)
def test_what_json_cannot_carry_is_refused(
    bad: dict[str, Any], shown: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValueError, match=r"finite numbers and JSON types in .*'race'"):
        records.emit("race", bad, as_html="", as_text="")
    assert shown == []


def test_a_record_reaches_the_output_of_a_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # a shell's
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            records.emit("race", {"x": 1.5}, as_html="<b>x</b>", as_text="x")
    finally:
        shell.reset(new_session=False)
        InteractiveShell.clear_instance()
    (output,) = captured.outputs
    assert output.data == {
        "text/html": "<b>x</b>",
        "text/plain": "x",
        records.MIME: {"schema": 1, "kind": "race", "x": 1.5},
    }


def test_a_plain_terminal_gets_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    records.emit("race", {"x": 1.5}, as_html="<b>x</b>", as_text="the table")
    assert capsys.readouterr().out == "the table\n"
    with pytest.raises(ValueError, match="finite"):
        records.emit("race", {"x": float("nan")}, as_html="", as_text="")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1.0, "1"),
        (123.4, "123"),
        (0.5, "0.5"),
        (0.001234, "0.00123"),
        (0.0001, "1.00e-04"),
        (-2.44e-7, "-2.44e-07"),
        (123456.0, "1.23e+05"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (-float("inf"), "-inf"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert records.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 ns"),
        (1.5e-9, "1.5 ns"),
        (2e-6, "2 µs"),
        (9.994e-7, "999 ns"),
        (9.996e-7, "1 µs"),
        (0.00123456, "1.23 ms"),
        (0.99951, "1 s"),
        (59.96, "60 s"),
        (999.6, "1000 s"),
        (12345.6, "12346 s"),
    ],
)
def test_seconds(value: float, text: str) -> None:
    assert records.seconds(value) == text


def test_tables_for_a_page_are_escaped_and_accessible() -> None:
    table = records.html_table(
        'a < "b"', ["", "<i>"], [["<script>", 'x & "y"'], [1, 2]]
    )
    assert "<script>" not in table
    assert "<i>" not in table
    assert "<caption>a &lt; &quot;b&quot;</caption>" in table
    assert 'aria-label="a &lt; &quot;b&quot;"' in table
    assert '<th scope="col">&lt;i&gt;</th>' in table
    assert '<th scope="row">&lt;script&gt;</th>' in table
    assert "<td>x &amp; &quot;y&quot;</td>" in table
    assert table.count("<tr>") == table.count("</tr>") == 3


def test_tables_for_a_terminal_are_aligned() -> None:
    table = records.text_table("title", ["", "long header"], [["a", 1], ["bcd", 22]])
    assert table.split("\n") == ["title", "     long header", "a    1", "bcd  22"]


def test_the_report_says_with_what_when_and_how_long(
    shown: list[dict[str, Any]],
) -> None:
    report.show(seed=7)
    (bundle,) = shown
    record = bundle[records.MIME]
    assert json.loads(json.dumps(record)) == record
    assert (record["schema"], record["kind"], record["seed"]) == (1, "report", 7)
    age = datetime.now(UTC) - datetime.fromisoformat(record["date"])
    assert abs(age.total_seconds()) < 60
    assert record["seconds"] > 0
    assert re.fullmatch(r"3\.\d+\.\d+\w*", record["python"])
    assert {"torch", "tensorflow", "keras", "numpy"} <= set(record["versions"])
    machine = record["machine"]
    assert machine["system"]
    assert machine["processor"]
    assert machine["threads"] >= 1
    assert machine["cores"] >= 1
    for text in (bundle["text/html"], bundle["text/plain"]):
        assert f"keras {record['versions']['keras']}" in text
        assert "seed 7" in text


def test_the_report_follows_the_threads_and_the_backend() -> None:
    import keras
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert report.threads() == 1
        torch.set_num_threads(2)
        assert report.collect()["machine"]["threads"] == 2
    finally:
        torch.set_num_threads(before)
    assert report.collect()["backend"] == keras.config.backend()
    assert report.collect()["seed"] is None


def test_the_report_without_frameworks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "keras"):
        monkeypatch.delitem(report.sys.modules, name, raising=False)
    monkeypatch.setattr(report, "PACKAGES", ("no-such-package", "numpy"))
    collected = report.collect()
    assert collected["backend"] is None
    assert list(collected["versions"]) == ["numpy"]
    assert collected["machine"]["threads"] >= 1


def luminance(color: Any) -> float:
    """Return the relative luminance of WCAG 2."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in to_rgb(color)
    ]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_the_lanes_differ_in_every_way_that_counts() -> None:
    assert list(plots.LANES) == ["pytorch", "tensorflow", "keras"]
    styles = list(plots.LANES.values())
    for field in ("label", "color", "marker", "linestyle", "linewidth"):
        assert len({getattr(style, field) for style in styles}) == 3, field
    for style in styles:  # a contrast of 3 to 1 on white, as WCAG asks of graphics
        assert 1.05 / (luminance(style.color) + 0.05) >= 3


def test_an_unknown_lane_has_no_style() -> None:
    with pytest.raises(ValueError, match=r"style: .*'keras'\], received 'jax'"):
        plots.style("jax")


def test_curves_draw_a_line_a_lane_with_its_style() -> None:
    fig, ax = plots.figure()
    values = {lane: np.arange(10.0) + i for i, lane in enumerate(plots.LANES)}
    plots.curves(ax, values)
    assert len(ax.lines) == 3
    for line, (lane, style) in zip(ax.lines, plots.LANES.items(), strict=True):
        assert line.get_label() == style.label
        assert line.get_color() == style.color
        assert line.get_marker() == style.marker
        assert line.get_linestyle() == style.linestyle
        assert line.get_linewidth() == style.linewidth
        np.testing.assert_array_equal(line.get_xdata(), np.arange(10))
        np.testing.assert_array_equal(line.get_ydata(), values[lane])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["PyTorch", "TensorFlow", "Keras"]
    plt.close(fig)


def test_markers_take_turns_and_positions_are_shared() -> None:
    fig, ax = plots.figure()
    x = np.linspace(0, 1, 48)
    plots.curves(ax, dict.fromkeys(plots.LANES, x**2), x=x)
    assert [line.get_markevery() for line in ax.lines] == [(0, 6), (2, 6), (4, 6)]
    np.testing.assert_array_equal(ax.lines[2].get_xdata(), x)
    plt.close(fig)


def test_figures_are_opaque_and_have_the_shape_that_was_asked_for() -> None:
    fig, axes = plots.figure(3, 2, width=6, height=4)
    assert axes.shape == (2, 3)
    assert fig.get_size_inches().tolist() == [6, 4]
    assert fig.get_facecolor() == (1, 1, 1, 1)
    for ax in axes.flat:
        assert not ax.spines["top"].get_visible()
        assert ax.spines["left"].get_visible()
    plt.close(fig)


@pytest.mark.parametrize(
    "style", ["default", "dark_background", {"figure.facecolor": (1, 1, 1, 0)}]
)
def test_figures_can_be_read_in_the_style_of_the_reader(style: Any) -> None:
    with plt.style.context(style):
        fig, ax = plots.figure()
        paper, ink = fig.get_facecolor(), ax.xaxis.label.get_color()
    plt.close(fig)
    assert paper[3] == 1
    dark, light = sorted([luminance(paper[:3]), luminance(ink)])
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # as WCAG asks of text


def test_a_figure_leaves_the_settings_of_matplotlib_alone() -> None:
    before = dict(plt.rcParams)
    plt.close(plots.figure()[0])
    assert dict(plt.rcParams) == before
