"""The ledger's page: every claim, what became of it, and where that was measured."""

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from sidebyside import ledger as claims
from sidebyside.ledger import Claim
from sidebyside_book import gather
from sidebyside_book.chapter import LANES
from sidebyside_book.gather import PageRecord
from sidebyside_book.website import records, stopped
from sidebyside_book.website.foot import NAMES
from sidebyside_book.website.pages import missing, parts
from sidebyside_book.website.stopped import Stopped

WAITING = "not settled yet"
MISSING = "not settled here"
"""Its chapter failed on this machine before it came to the claim."""
FRAMEWORKS = {
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "other": "deep learning",
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """A claim as the page shows it."""

    claim: Claim
    verdict: str
    settled: PageRecord | None
    """The record with its verdict."""
    link: str
    """Where the verdict was computed, or the chapter failed; else empty."""
    chapter: str
    """The title of the chapter that settles it, or will; empty if none does."""
    versions: str
    failed: Stopped | None = None
    """Where its chapter failed, for a claim that has no verdict for that reason."""

    @property
    def changed(self) -> bool:
        """Whether the verdict is neither the expected one nor open as it may be."""
        return self.settled is not None and not self.claim.allows(self.verdict)


def rows(app: Sphinx, here: str) -> list[Row]:
    """Return the rows of the ledger, in the order of its file."""
    env = app.env
    settled = gather.verdicts(records.all_records(env))
    pages = parts.chapters(env)
    return [
        _row(app, here, claim, settled.get(claim.id), pages)
        for claim in claims.load().claims.values()
    ]


def _row(
    app: Sphinx,
    here: str,
    claim: Claim,
    settled: PageRecord | None,
    pages: dict[str, str],
) -> Row:
    page = pages.get(claim.chapter or "")
    title = parts.title(app.env, page) if page else ""
    if settled is None and page and (failed := stopped.of_page(app.env, page)):
        link = missing.place(app, here, page)[1]
        return Row(claim, MISSING, None, link, title, "", failed)
    if settled is None:
        untestable = claim.expected == claims.UNTESTABLE
        verdict = claims.UNTESTABLE if untestable else WAITING
        return Row(claim, verdict, None, "", title, "")
    home = parts.page_of(app.env, settled)
    link = parts.link(app, here, home, records.anchor(settled.cell))
    return Row(
        claim, settled.record["verdict"], settled, link, title, _versions(settled)
    )


def _versions(settled: PageRecord) -> str:
    versions = settled.record["versions"]
    named = [f"{NAMES[name]} {versions[name]}" for name in NAMES if name in versions]
    backend = settled.record["backend"]
    return ", ".join(named) + (f"; Keras on {backend}" if backend else "")


def render(app: Sphinx, here: str) -> str:
    """Return the ledger, topic by topic, with its search and filters."""
    ledger = claims.load()
    every = rows(app, here)
    verdicts = _in_use(every)
    by_topic = {
        topic: [row for row in every if row.claim.topic == topic]
        for topic in ledger.topics
    }
    return parts.template(
        "ledger/ledger.html",
        topics=[(topic, ledger.topics[topic], of) for topic, of in by_topic.items()],
        sources=ledger.sources,
        lanes=LANES,
        frameworks=FRAMEWORKS,
        verdicts=verdicts,
        verdict_options=[(verdict.replace(" ", "-"), verdict) for verdict in verdicts],
        source_options=[(source, source) for source in ledger.sources],
        total=len(every),
    )


def render_summary(app: Sphinx, here: str) -> str:
    """Return how many claims have which verdict, and what has changed."""
    every = rows(app, here)
    numbers = Counter(row.verdict for row in every)
    return parts.template(
        "ledger/summary.html",
        numbers=[(verdict, numbers[verdict]) for verdict in _in_use(every)],
        total=len(every),
        computed=sum(row.settled is not None for row in every),
        judged=sum(
            row.settled is not None and row.verdict != claims.TASTE for row in every
        ),
        untestable=numbers[claims.UNTESTABLE],
        waiting=numbers[WAITING],
        missing=numbers[MISSING],
        changed=[row for row in every if row.changed],
    )


def render_articles(app: Sphinx, here: str) -> str:
    """Return the articles, with how much each claims and how that fared."""
    every = rows(app, here)
    by_source = {
        source.id: [row for row in every if source.id in row.claim.sources]
        for source in claims.load().sources.values()
    }
    return parts.template(
        "ledger/articles.html",
        articles=[
            (
                source,
                by_source[source.id],
                Counter(r.verdict for r in by_source[source.id]),
            )
            for source in claims.load().sources.values()
        ],
        verdicts=_in_use(every),
    )


def render_contradictions(app: Sphinx, here: str) -> str:
    """Return what the articles disagree about, with the verdicts of those claims."""
    by_name = {row.claim.id: row for row in rows(app, here)}
    return parts.template(
        "ledger/contradictions.html",
        contradictions=claims.load().contradictions,
        rows=by_name,
    )


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn where ledger and chapters don't fit together (event `env-updated`).

    A chapter that failed need not have settled its claims.
    """
    if not (pages := parts.users(env, "ledger")):
        return
    ran = env.found_docs - stopped.pages(env).keys()
    names = [PurePosixPath(name).name for name in ran]
    gathered = records.all_records(env)
    for problem in gather.problems(gathered, names, claims.load()):
        logger.warning(
            problem, type="sidebyside", subtype="evidence", location=pages[0]
        )


def lacks(app: Sphinx, here: str, page: str) -> Markup:
    """Say which claims have no verdict because a chapter failed."""
    failed = missing.by_number(app.env)
    names = [
        Markup('<a href="#{0}">{0}</a>').format(row.claim.id)
        for row in rows(app, here)
        if row.failed and failed.get(row.claim.chapter or "") == page
    ]
    return missing.listed("Without a verdict for that reason", names)


def _in_use(every: list[Row]) -> list[str]:
    """Return the verdicts that occur, in the order of the ledger's rule."""
    occurring = {row.verdict for row in every}
    order = (*claims.VERDICTS, MISSING, WAITING)
    return [verdict for verdict in order if verdict in occurring]
