"""Pages made of what the chapters measured: ledger, scoreboard, coverage.

A page names a part with the directive `evidence`; the part is rendered when all pages
have been read, and the page is written again when what it shows has changed.
"""

from sphinx.application import Sphinx

from sidebyside_sphinx.evidence import (
    choosing,
    coverage,
    defaults,
    elsewhere,
    ledger,
    missing,
    parts,
    path_places,
    paths,
    rosetta,
    scoreboard,
)


def connect(app: Sphinx) -> None:
    """Wire directive, parts and checks to Sphinx."""
    parts.connect(app)
    missing.connect(app)
    parts.register("articles", ledger.render_articles)
    parts.register("ledger", ledger.render)
    parts.register("ledger-summary", ledger.render_summary)
    parts.register("contradictions", ledger.render_contradictions)
    parts.register("scoreboard", scoreboard.render)
    parts.register("scoreboard-summary", scoreboard.render_summary)
    parts.register("coverage", coverage.render)
    parts.register("rosetta", rosetta.render)
    parts.register("defaults", defaults.render)
    parts.register("elsewhere", elsewhere.render)
    parts.register("path-surprises", paths.render_surprises)
    parts.register("path-decided", paths.render_decided)
    parts.register("path-words", paths.render_words)
    parts.register("path-steps", paths.render_steps)
    parts.register("path-exercise", paths.render_exercise)
    parts.register("doors", paths.render_doors)
    parts.register("choosing", choosing.render)
    parts.register("choosing-profiles", choosing.render_profiles)
    parts.register("choosing-evidence", choosing.render_evidence)
    parts.register("choosing-shift", choosing.render_shift)
    parts.register("choosing-silent", choosing.render_silent)
    parts.register("choosing-advice", choosing.render_advice)
    missing.register("ledger", ledger.lacks)
    missing.register("scoreboard", scoreboard.lacks)
    missing.register("coverage", coverage.lacks)
    missing.register("path-surprises", path_places.lacks_defaults)
    missing.register("doors", path_places.lacks_minutes)
    missing.register("path-steps", path_places.lacks_sections)
    missing.register("choosing", choosing.lacks)
    app.connect("env-updated", defaults.check)
    app.connect("env-updated", rosetta.check)
    app.connect("env-updated", ledger.check)
    app.connect("env-updated", scoreboard.check)
    app.connect("env-updated", coverage.check)
    app.connect("env-updated", paths.check)
    app.connect("env-updated", choosing.check)
