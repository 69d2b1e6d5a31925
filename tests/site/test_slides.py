"""A chapter becomes slides: what stands on them, what goes into the notes."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from tiny_book import code, lanes, text

from sidebyside_book.chapter import LANES, Notebook, notebook_of
from sidebyside_book.editions import deck, markup, outputs
from sidebyside_book.editions.places import Places
from sidebyside_book.editions.slides import Slide, slides

BESIDE = frozenset({"02_next"})
WHERE = Places(Path("nowhere"), "https://book.test/{name}", ".html", BESIDE)
PIXEL = "iVBORw0KGgo="  # how a PNG begins
LONG = "First it is said. Then it is explained at length, which nobody reads on a wall."


def printed(words: str):
    return v4.new_output("stream", name="stdout", text=words)


def small(*cells) -> Notebook:
    """Return a chapter of these cells."""
    return notebook_of(v4.new_notebook(cells=list(cells)), "01_small")


def made(*cells) -> list[list[Slide]]:
    """Return the slides of a chapter with these cells after its title and aims."""
    front = [
        text("title", "# Small\n\n**How small?**"),
        text("aims", "After this chapter you can\n\n- count"),
    ]
    return slides(small(*front, *cells), WHERE)[2:]


def test_the_title_asks_the_question_and_leads_to_the_chapter():
    first = text("title", "# Small\n\n**How small?**")
    aims = "You can\n\n- count\n\n| needed | |\n|--|--|\n| NumPy | yes |"
    [title], [aims] = slides(small(first, text("aims", aims)), WHERE)
    assert (title.title, title.kind) == ("Small", "title")
    assert "How small?" in title.body
    assert 'href="https://book.test/01_small"' in title.body
    assert aims.title == "Aims"
    assert "<li>count</li>" in aims.body
    assert "NumPy" in aims.notes


def test_the_three_lanes_stand_on_one_slide():
    [[slide]] = made(text("step", f"## The step\n\n{LONG}"), *lanes("step"))
    assert (slide.title, slide.kind) == ("The step", "triple")
    columns = BeautifulSoup(slide.body, "html.parser").select(".lanes > .lane")
    assert [column.h3.text for column in columns] == ["PyTorch", "TensorFlow", "Keras"]
    assert slide.lead == "First it is said. " + LONG.split(". ", 1)[1]
    assert LONG in slide.notes


def test_a_first_line_that_names_the_lane_is_the_columns_heading():
    cells = [
        code(f"step-{lane}", f"# {name}\nx = 1", tags=[f"lane-{lane}"])
        for lane, name in LANES.items()
    ]
    [[slide]] = made(text("step", "Look."), *cells)
    assert "# " not in BeautifulSoup(slide.body, "html.parser").text


@pytest.mark.parametrize(
    ("paragraph", "short"),
    [
        ("One. " + "Two is long. " * 20, "One. Two is long."),
        (
            f"{'A long beginning ' * 8}ends. And goes on.",
            f"{'A long beginning ' * 8}ends.",
        ),
        ("No end at all", "No end at all"),
        (
            "Call `a. b` or **c. d** once, e.g. here. " + "x " * 99,
            "Call `a. b` or **c. d** once, e.g. here.",
        ),
        ("A [link. It](b.c) is whole. " + "x " * 99, "A [link. It](b.c) is whole."),
    ],
)
def test_prose_is_cut_between_sentences_only(paragraph, short):
    assert markup.shorten(paragraph).strip() == short.strip()


def test_nothing_of_the_prose_is_lost():
    prose = "## Why\n\nOne.\n\nA second paragraph. With two sentences.\n\n$$x^2$$"
    [[slide]] = made(text("why", prose))
    assert "With two sentences." in slide.notes
    assert "<math" in slide.body


def test_the_box_quotes_results_and_surprises_have_a_slide_of_their_own():
    box = ":::{admonition} In short\n- It took {glue:text}`the time`.\n:::\n\n"
    table = "If you come from ...\n\n| | you |\n|--|--|\n| **Keras** | wait |"
    kind = "application/papermill.record/text/plain"
    glued = v4.new_output(
        "display_data",
        {kind: "'3 s'"},
        metadata={"scrapbook": {"name": "the time", "mime_prefix": kind[:-10]}},
    )
    cells = [text("short", box + table), code("time", "time()", glued)]
    [[short], [coming], *_] = made(*cells)
    assert (short.title, coming.title) == ("In short", "If you come from ...")
    assert "<li>It took <strong>3 s</strong>.</li>" in short.body
    assert ":::" not in short.body + short.notes + coming.body + coming.lead
    assert "<table>" in coming.body


def test_a_long_table_goes_on_on_the_next_slide():
    rows = "".join(f"<tr><td>{k}</td></tr>" for k in range(25))
    page = f"<table><thead><tr><th>k</th></tr></thead><tbody>{rows}</tbody></table>"
    cell = code("table", "show()", v4.new_output("display_data", {"text/html": page}))
    stacks = made(text("look", "Look."), cell)
    tables = [BeautifulSoup(slide.body, "html.parser") for [slide] in stacks]
    tables = [table for table in tables if table.table]
    numbers = [[int(cell.text) for cell in table.select("td")] for table in tables]
    assert [n for table in numbers for n in table] == list(range(25))
    assert len(numbers) == 3
    assert all(table.th.text == "k" for table in tables)


def test_a_tall_triple_shows_its_output_on_a_second_slide():
    cells = lanes("step")
    cells[1].source += "\nx = 1" * 25
    cells[2].outputs = [printed("done")]
    [[first], [second]] = made(text("look", "Look."), *cells)
    assert first.lead == second.lead == "Look."
    assert "x" in BeautifulSoup(first.body, "html.parser").text
    assert "done" not in first.body
    assert "done" in second.body


def test_a_figure_stands_alone_with_its_words():
    picture = v4.new_output("display_data", {"image/png": PIXEL})
    cell = code("figure", "plot(x)", picture, mystnb={"image": {"alt": "A <line>."}})
    [[slide]] = made(text("look", "Look."), cell)
    assert 'alt="A &lt;line&gt;."' in slide.body
    assert f"base64,{PIXEL}" in slide.body
    assert "plot" not in slide.body
    assert "plot" in slide.notes


def test_code_and_a_long_output_stand_on_two_slides():
    short = code("short", "print(1)", printed("1"))
    assert len(made(text("look", "Look."), short)) == 1
    long = code("long", "print(1)", printed("1\n" * 40))
    first, second = made(text("look", "Look."), long)
    assert "print" in first[0].body
    assert second[0].body.count('class="l"') == 40


def test_a_diagram_stands_on_a_slide_of_its_own():
    drawn = v4.new_output("display_data", {"text/html": "<svg></svg>"})
    figure = v4.new_output("display_data", {"image/svg+xml": "<svg></svg>"})
    after_code = code("drawn", "\n".join(["x = 1"] * 8), drawn)
    first, second = made(text("look", "Look."), after_code)
    assert "x" in first[0].body
    assert "<svg" in second[0].body
    beside = made(text("look", "Look."), code("both", "x = 1", figure, drawn))
    assert [slide.body.count("<svg") for (slide,) in beside] == [1, 1]


def test_start_up_noise_is_left_out():
    noise = v4.new_output("stream", name="stderr", text="noise")
    [[slide]] = made(text("look", "Look."), code("run", "x = 1", noise))
    assert "noise" not in slide.body


def test_a_box_that_scrolls_on_the_page_is_short_on_a_slide():
    box = '<b>x</b><pre tabindex="0" style="max-height: 16em">{}</pre><pre>{}</pre>'
    cell = code("shows", "1")
    long = "begins &lt;here&gt;\n" + "word " * 200 + "ends there"
    page = {"text/html": box.format(long, long)}
    cell.outputs = [v4.new_output("display_data", page)]
    (made,) = outputs.shown(cell)
    short, whole = BeautifulSoup(made, "html.parser").find_all("pre")
    assert len(short.text) < outputs.MESSAGE + 10 < len(whole.text)
    assert short.text.startswith("begins <here> word")
    assert "[...]" in short.text
    assert short.text.endswith("ends there")
    assert "style" not in short.attrs


def test_links_lead_to_slides_beside_or_to_the_book():
    [[slide]] = made(text("look", "See [next](02_next) and [far](09_far#here)."))
    assert 'href="02_next.html"' in slide.notes
    assert 'href="https://book.test/09_far#here"' in slide.notes


def test_a_solution_stands_below_its_task():
    task = text("ex-sum", "```{exercise} Sum\n:label: ex-sum\n\nAdd.\n```")
    opened, closed = text("ex-sum-open", "```{x}\n```"), text("ex-sum-close", "```")
    check = code("ex-sum-check", "assert total", tags=["self-check"])
    answers = lanes("ex-sum", tags=("solution",))
    for cell in (opened, closed):
        cell.metadata.tags = ["solution"]
    [[first, second]] = made(
        text("exercises", "## Exercises"), task, opened, *answers, closed, check
    )
    assert first.title == "Exercise 1. Sum"
    assert "Add." in first.body
    assert "assert" in first.notes
    assert (second.title, second.kind) == ("Solution 1", "triple")


def test_a_deck_asks_for_nothing_and_ends_no_script_early():
    stacks = made(text("look", "Look: $x$."))
    page = deck.render(stacks)
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.select("[src]:not([src^='data:']), link[href]:not([href^='data:'])")
    addresses = re.findall(r"url\(['\"]?([^)'\"]*)", page.split("<script>")[0])
    assert [url for url in addresses if not url.startswith(("data:", "%23"))] == []
    assert "@import" not in page.split("<script>")[0]
    assert len(soup.select("script")) == page.count("</script") == 3
    assert soup.html["lang"] == "en"
    assert soup.title.text.endswith(": slides")
