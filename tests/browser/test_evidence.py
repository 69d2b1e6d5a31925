"""The ledger, the scoreboard and the coverage of the lanes, as a reader uses them."""

import re

import pytest

pytestmark = pytest.mark.browser
LEDGER = "chapters/claims.html"
SHOWN = ".sidebyside-ledger .claim:visible"


def test_the_ledger_filters_without_a_script(visit) -> None:
    page = visit(java_script_enabled=False).open(LEDGER)
    everything = page.locator(SHOWN).count()
    page.get_by_label("Keras", exact=True).check()
    keras = page.locator(SHOWN)
    assert 0 < keras.count() < everything
    about = {one.get_attribute("data-about") for one in keras.all()}
    assert all("keras" in one.split() for one in about)
    page.get_by_label("S4", exact=True).check()
    both = page.locator(SHOWN)
    assert 0 < both.count() < everything
    articles = [one.get_attribute("data-articles").split() for one in both.all()]
    assert all("S4" in named for named in articles)
    page.get_by_label("all", exact=True).nth(1).check()
    page.get_by_label("all", exact=True).nth(2).check()
    assert page.locator(SHOWN).count() == everything


def test_the_filters_can_be_reached_by_keyboard(visit) -> None:
    page = visit().open(LEDGER)
    page.locator("#about-all").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#about-pytorch").is_checked()
    assert (
        page.locator(SHOWN).count()
        == page.locator('.claim[data-about~="pytorch"]').count()
    )


def test_a_verdict_leads_to_the_cell_that_computed_it(visit) -> None:
    page = visit().open(LEDGER)
    link = page.locator(".claim .where a", has_text="Measured in").first
    cell = link.get_attribute("href").split("#")[1]
    claim = link.locator("xpath=ancestor::details[1]")
    name = claim.get_attribute("id")
    claim.locator("summary").click()
    link.click()
    page.wait_for_url(re.compile(f"#{cell}$"))
    card = page.locator(f"#{cell} .sidebyside-verdict[aria-label='Claim {name}']")
    assert card.is_visible()


def test_a_claim_can_be_linked_to(visit) -> None:
    page = visit().open(f"{LEDGER}#C28")
    assert page.locator("#C28 .verdict").inner_text()
    assert page.locator("#C28 .where").is_visible(), "the claim is open"


def test_a_claim_is_found_by_its_words(visit) -> None:
    page = visit().open(LEDGER)
    page.get_by_label("Find").fill("learning curve")
    claims = page.locator(SHOWN)
    assert 0 < claims.count() < 10
    assert "learning curve" in claims.first.inner_text()
    shown, every = (
        page.locator(".topic:visible").count(),
        page.locator(".topic").count(),
    )
    assert shown < every, "a topic without a claim is not shown"
    page.get_by_label("Find").fill("")
    assert page.locator(SHOWN).count() == page.locator(".claim").count()


def test_every_topic_and_every_article_has_its_own_part(visit) -> None:
    page = visit().open(LEDGER)
    for link in page.locator(".topics a").all():
        part = page.locator(link.get_attribute("href"))
        assert part.locator(".claim").count()
    page = visit().open(f"{LEDGER}#says-S4")
    claims = page.locator("#says-S4 li")
    assert claims.first.is_visible()
    claims.first.locator("a").click()
    name = claims.first.locator("a").inner_text()
    assert page.locator(f"#{name} .where").is_visible()


@pytest.mark.parametrize("path", [LEDGER, "chapters/scoreboard.html"])
def test_nothing_sticks_out_on_a_phone(visit, path: str) -> None:
    page = visit(390).open(path)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_every_chart_says_in_words_what_it_shows(visit) -> None:
    page = visit().open("chapters/scoreboard.html")
    charts = page.locator("svg.sidebyside-chart")
    assert charts.count() > 3
    for chart in charts.all():
        label = chart.get_attribute("aria-label")
        assert all(lane in label for lane in ("PyTorch", "TensorFlow", "Keras")), label


def test_all_claims_print(visit) -> None:
    page = visit().open(LEDGER)
    page.emulate_media(media="print")
    assert page.locator(".filters").is_hidden()
    assert page.locator(SHOWN).count() == page.locator(".claim").count()
