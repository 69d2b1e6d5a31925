"""The page of a chapter that failed refers to nothing that is cut off."""

from nbformat import v4

from sidebyside_book.website.failed import refer_to_what_is_there

TEXT = "It takes {glue:text}`the steps` and {glue:text}`the time`, [here](#below-fit), "
TEXT += "see [there](#the-proof) and [elsewhere](02_autodiff)."


def test_quotes_and_links_into_the_part_that_is_cut_off_go() -> None:
    quote = v4.new_output(
        "display_data", {}, metadata={"scrapbook": {"name": "the steps"}}
    )
    cells = [
        v4.new_markdown_cell(TEXT),
        v4.new_markdown_cell("## Below `fit`"),
        v4.new_code_cell("1", outputs=[quote]),
    ]
    refer_to_what_is_there(cells)
    expected = (
        "It takes {glue:text}`the steps` and (not computed), [here](#below-fit), "
    )
    expected += "see there and [elsewhere](02_autodiff)."
    assert cells[0].source == expected
