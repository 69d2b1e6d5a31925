"""Records, the foot of a page, the guard, formulas: what a page must prove."""

import pytest
from tiny_book import PARITY, REPORT, code, lanes, record, report, text

from sidebyside_book.website import mathml, records


def test_records_are_gathered_and_not_shown(book) -> None:
    built = book(code("proof", "check()", record(PARITY)), report())
    assert not built.warnings
    assert list(records.of_kind(built.app.env, "parity")) == [("chapter", PARITY)]
    assert "schema" not in built.page.get_text()
    assert "shown" in built.page.get_text()


def test_records_of_an_edited_page_replace_the_old_ones(book) -> None:
    book(code("proof", "check()", record(PARITY)), report())
    other = {**PARITY, "name": "another"}
    built = book(code("proof", "check(2)", record(other)), report())
    found = [r["name"] for _, r in records.of_kind(built.app.env, "parity")]
    assert found == ["another"]


def test_records_are_gathered_once_a_build(book) -> None:
    env = book(code("proof", "check()", record(PARITY)), report()).app.env
    found = records.all_records(env)
    assert [(one.page, one.cell) for one in found] == [
        ("chapter", "proof"),
        ("chapter", "report"),
    ]
    assert records.all_records(env) is found
    again = book(code("other", "check(2)", record(PARITY)), report()).app.env
    assert [one.cell for one in records.all_records(again)] == ["other", "report"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**REPORT, "schema": 2}, "expected schema 1"),
        ({"schema": 1}, "expected a kind"),
    ],
)
def test_a_bad_record_is_a_warning(book, fields, said) -> None:
    built = book(code("bad", "x", record(fields)), report())
    assert "sidebyside.records" in built.warnings
    assert said in built.warnings


def test_the_foot_says_what_the_records_say(book) -> None:
    broken = {**PARITY, "passed": False}
    cells = [code("a", "1", record(PARITY)), code("b", "2", record(broken))]
    foot = book(*cells, report()).page.select_one(".last-verified").get_text(" ")
    for said in ("20 November 2026", "12.3 s", "1 check passed", "1 broken on purpose"):
        assert said in foot
    for said in ("PyTorch 2.13.0", "Keras 3.15.1", "2 cores", "1 thread", "7"):
        assert said in foot


def test_a_page_without_a_report_is_refused(book) -> None:
    built = book(code("a", "x = 1"))
    assert "sidebyside.guard" in built.warnings
    assert "no report record" in built.warnings


def test_a_page_that_ran_out_of_order_is_refused(book) -> None:
    built = book(code("a", "x = 1"), code("b", "y = 2"), report(), counts=[2, 1, 3])
    assert "executed out of order: expected cell 'a'" in built.warnings


def test_a_cell_that_did_not_run_is_refused(book) -> None:
    built = book(code("a", "x = 1"), report(), counts=[None, 1])
    assert "cell 'a' was not executed" in built.warnings


def test_an_empty_tab_is_refused(book) -> None:
    cells = lanes("step")
    cells[1].metadata["tags"].append("remove-input")
    built = book(*cells, report())
    assert "empty tab 'TensorFlow'" in built.warnings


def test_formulas_become_mathml_and_load_no_script(book) -> None:
    tex = r"$$\hat{y} = \sum_{i=1}^{N} \frac{\partial L}{\partial w_i}$$"
    built = book(text("idea", f"Inline $x^2$.\n\n{tex}"), report())
    assert not built.warnings
    assert len(built.page.select("math")) == 2
    assert built.page.select_one("div.math math mfrac")
    assert not [s for s in built.page.select("script[src]") if "athjax" in s["src"]]


def test_a_formula_that_is_not_latex_is_refused(book) -> None:
    built = book(text("idea", r"$\frac{1}$"), report())
    assert "sidebyside.math" in built.warnings
    with pytest.raises(ValueError, match="expected LaTeX, received"):
        mathml.to_mathml(r"\frac{1}", False)


def test_switches_only_where_there_are_lanes(book) -> None:
    assert not book(report()).page.select("#switch-columns")
    assert book(*lanes("step"), report()).page.select("#switch-columns")
