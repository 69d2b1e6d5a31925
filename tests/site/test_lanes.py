"""Three neighbouring lane cells become one tab set, and nothing else does."""

import pytest
from nbformat import v4
from tiny_book import LANES, code, lanes, report, text


def tab_sets(page) -> list[list[str]]:
    """Return, for each tab set, the labels of its tabs."""
    return [
        [label.get_text(strip=True) for label in tabs.select(":scope > label")]
        for tabs in page.select(".lanes.sd-tab-set")
    ]


def test_a_triple_becomes_a_synced_tab_set(book) -> None:
    built = book(*lanes("step"), report())
    assert not built.warnings
    assert tab_sets(built.page) == [["PyTorch", "TensorFlow", "Keras"]]
    labels = built.page.select(".lanes > label")
    assert [label["data-sync-id"] for label in labels] == list(LANES)
    assert {label["data-sync-group"] for label in labels} == {"lane"}
    bodies = built.page.select(".lanes > .sd-tab-content")
    assert [body.get_text(strip=True)[:6] for body in bodies] == [
        "# pyto",
        "# tens",
        "# kera",
    ]


def test_a_new_stem_starts_a_new_set(book) -> None:
    built = book(*lanes("loss"), *lanes("step"), report())
    assert not built.warnings
    assert len(tab_sets(built.page)) == 2


def test_other_cells_stay_where_they_are(book) -> None:
    shared = code("shared", "shared = 1")
    built = book(shared, *lanes("step"), text("after", "After."), report())
    inside = built.page.select_one(".lanes").get_text()
    assert "shared = 1" not in inside
    assert "After." not in inside
    assert "shared = 1" in built.page.get_text()


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (("pytorch", "keras"), "missing tensorflow"),
        (("keras",), "missing pytorch, missing tensorflow"),
        (("tensorflow", "pytorch", "keras"), "wrong order"),
    ],
)
def test_a_broken_triple_is_a_warning(book, which, said) -> None:
    built = book(*lanes("step", *which), report())
    assert "[sidebyside.lanes]" in built.warnings
    assert f"({said})" in built.warnings


def test_an_id_without_its_lane_is_a_warning(book) -> None:
    cells = lanes("step")
    cells[0].id = "first"
    warnings = book(*cells, report()).warnings
    assert "cell 'first': expected an id that ends in '-pytorch'" in warnings


def test_outputs_figures_and_hidden_input_survive_the_move(book) -> None:
    cells = lanes("step")
    cells[0].outputs = [v4.new_output("stream", text="said by PyTorch")]
    pixel = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        "awAAAABJRU5ErkJggg=="
    )
    cells[1].outputs = [v4.new_output("display_data", {"image/png": pixel})]
    cells[1].metadata["mystnb"] = {"image": {"alt": "a described figure"}}
    cells[2].metadata["tags"].append("hide-input")
    built = book(*cells, report())
    assert not built.warnings
    first, second, third = built.page.select(".lanes > .sd-tab-content")
    assert "said by PyTorch" in first.get_text()
    assert second.img["alt"] == "a described figure"
    assert int(second.img["width"]) == int(second.img["height"]) == 1
    assert third.select_one("details summary")
    assert not third.summary.get("aria-label"), "a summary is named by its text"


def test_a_solution_may_hold_a_triple(book) -> None:
    built = book(
        text("ex", "```{exercise} Try\n:label: ex-try\nDo it.\n```"),
        text("ex-open", "```{solution-start} ex-try\n:class: dropdown\n```"),
        *lanes("ex", tags=("solution",)),
        text("ex-close", "```{solution-end}\n```"),
        report(),
    )
    assert not built.warnings
    solution = built.page.select_one(".solution")
    assert len(solution.select(".lanes > .sd-tab-content")) == 3
