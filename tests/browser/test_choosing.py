"""The doors: six directions, and weights that a reader moves."""

import json
import re

import pytest

from sidebyside_book.website.pages.choosing import weighing

pytestmark = pytest.mark.browser
PAGE = "chapters/choosing.html"


def test_the_script_says_what_python_says(visit) -> None:
    page = visit().open(PAGE)
    data = json.loads(page.locator("script.numbers").text_content())
    names = list(data["scores"])
    vectors = [dict.fromkeys(names, 3), {name: k % 6 for k, name in enumerate(names)}]
    vectors += [{name: 5 * (name == only) for name in names} for only in names[:2]]
    for weights in vectors:
        asked = ".".join(f"{name}{weight}" for name, weight in weights.items())
        page.goto(f"{page.url.split('?')[0]}?w={asked}")
        total = weighing.totals(weights, data["scores"])
        shown = [f"{value:.2f}" for value in total.values()]
        assert page.locator(".outcome .bars .number").all_inner_texts() == shown
        told = [f"{data['lanes'][lane]} {value:.2f}" for lane, value in total.items()]
        page.get_by_text(", ".join(told), exact=True).wait_for()


def test_sliders_move_by_keyboard_and_the_address_carries_them(visit) -> None:
    page = visit().open(PAGE)
    slider = page.get_by_role("slider").first
    name = slider.get_attribute("name")
    before = page.locator(".headline").inner_text()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert page.locator(f"output[for=weight-{name}]").inner_text() == "0"
    page.wait_for_function(
        "was => document.querySelector('.headline').innerText !== was", arg=before
    )
    assert page.get_by_text("With your weights", exact=True).is_visible()
    address = page.get_by_role("link", name="Link to these weights").get_attribute(
        "href"
    )
    assert re.match(rf"\?w={name}0\.", address)
    page.get_by_role("link", name="Link to these weights").click()
    page.wait_for_url("**/*w=*")
    assert page.locator(f"#weight-{name}").input_value() == "0"
    page.get_by_role("button", name="equal weights").click()
    assert page.locator(f"#weight-{name}").input_value() == "3"
    assert page.get_by_text("With equal weights", exact=True).is_visible()


def test_without_weight_there_is_no_result(visit) -> None:
    page = visit().open(PAGE)
    for slider in page.get_by_role("slider").all():
        slider.fill("0")
    page.get_by_text("Nothing has weight. Move a slider.").wait_for()


def test_without_a_script_there_is_the_table_with_equal_weights(visit) -> None:
    page = visit(java_script_enabled=False).open(PAGE)
    assert page.locator("form.weights").is_hidden()
    assert page.get_by_text("With equal weights", exact=True).is_visible()
    rows = page.locator("table.scores tbody tr")
    assert rows.count() >= 6
    assert all(row.locator("td .score").count() == 3 for row in rows.all())
    profiles = page.locator(".profiles section")
    assert profiles.count() >= 4
    assert all(one.locator(".number").count() == 3 for one in profiles.all())


@pytest.mark.parametrize("path", [PAGE, "chapters/from_pytorch_to_keras.html"])
def test_nothing_sticks_out_on_a_phone(visit, path: str) -> None:
    page = visit(390).open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_six_directions_are_one_click_from_the_landing_page(visit) -> None:
    page = visit().open("index.html")
    links = page.locator(".sidebyside-doors a")
    assert links.count() == 6
    page.get_by_role("link", name="I know Keras, teach me PyTorch").click()
    assert page.get_by_role("heading", name="From Keras to PyTorch").is_visible()
    chapters = [a.get_attribute("href") for a in page.locator(".steps a.chapter").all()]
    assert len(chapters) >= 5
    assert all(address.endswith("?lane=pytorch") for address in chapters)
    look = page.locator(".steps .look a").first
    section = look.get_attribute("href").split("?lane=pytorch#")[1]
    look.click()
    page.wait_for_url(f"**/chapters/*#{section}")
    assert page.locator(f"[id='{section}']").count() == 1
