"""The Rosetta table, searched as a reader does."""

import pytest

pytestmark = pytest.mark.browser
PAGE = "chapters/rosetta.html"
ROWS = ".sidebyside-rosetta .row:visible"


def test_search_filters_as_one_types(visit) -> None:
    page = visit().open(PAGE)
    everything = page.locator(ROWS).count()
    page.get_by_label("Find", exact=True).fill("scatter_add")
    assert 0 < page.locator(ROWS).count() < 5
    assert page.locator("#rosetta-scatter-add").is_visible()
    hits = page.get_by_role("status").filter(has_text=f"of {everything} rows")
    assert hits.is_visible()
    page.get_by_label("Find", exact=True).fill("")
    assert page.locator(ROWS).count() == everything >= 200


def test_the_filters_work_together(visit) -> None:
    page = visit().open(PAGE)
    page.get_by_label("Section").select_option("losses")
    losses = page.locator(ROWS).count()
    page.get_by_label("Difference").select_option("defaults differ")
    rows = page.locator(ROWS)
    assert 0 < rows.count() < losses
    kinds = {
        (r.get_attribute("data-section"), r.get_attribute("data-difference"))
        for r in rows.all()
    }
    assert kinds == {("losses", "defaults differ")}


def test_an_address_can_ask(visit) -> None:
    page = visit().open(f"{PAGE}?q=clamp")
    assert page.get_by_label("Find", exact=True).input_value() == "clamp"
    assert page.locator("#rosetta-clip").is_visible()
    assert page.locator(ROWS).count() < 10


def test_without_a_script_the_table_is_all_there(visit) -> None:
    page = visit(java_script_enabled=False).open(PAGE)
    assert page.locator(ROWS).count() >= 200
    assert page.locator(".sidebyside-rosetta form").is_hidden()


def test_it_fits_on_a_phone_and_prints_whole(visit) -> None:
    page = visit(390).open(f"{PAGE}?q=clamp")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    assert page.locator(ROWS).count() >= 200


def test_rows_lead_to_documentation_and_chapters(visit) -> None:
    row = visit().open(PAGE).locator("#rosetta-one-hot")
    addresses = [a.get_attribute("href") for a in row.locator("a.docs").all()]
    assert [address.split("/")[2] for address in addresses] == [
        "docs.pytorch.org",
        "www.tensorflow.org",
        "keras.io",
    ]
    assert row.get_by_role("link", name="Tensors").get_attribute("href")
