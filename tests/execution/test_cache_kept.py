"""What is kept in the cache of results, and where it may lie."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from sidebyside_book.execution import cache

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def kept(monkeypatch: pytest.MonkeyPatch, accessed: list[datetime]) -> list[int]:
    """Return the numbers of the records that stay, of those made in this order."""
    rows = [SimpleNamespace(pk=pk, accessed=when) for pk, when in enumerate(accessed)]
    removed: list[int] = []
    monkeypatch.setattr(cache.NbCacheRecord, "records_from_uri", lambda *_: list(rows))
    one_cache = cache.Cache.__new__(cache.Cache)
    one_cache.results = SimpleNamespace(db=None)
    monkeypatch.setattr(one_cache, "remove", lambda record: removed.append(record.pk))
    one_cache.remove_old("01_one.ipynb")
    return [row.pk for row in rows if row.pk not in removed]


def test_the_results_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = [NOW + timedelta(hours=h) for h in (5, 1, 2, 3)]
    assert kept(monkeypatch, hours) == [0, 2, 3]
    assert kept(monkeypatch, []) == []


def test_the_newest_stays_also_if_the_clock_was_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tomorrow = [NOW + timedelta(days=1, hours=h) for h in range(3)]
    assert kept(monkeypatch, [*tomorrow, NOW]) == [1, 2, 3]


@pytest.mark.parametrize("name", ["a?b", "100%20"])
def test_a_path_that_jupyter_cache_would_misread_is_refused(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(ValueError, match="expected a book in a folder without"):
        cache.open_cache(tmp_path / name / "cache")
    assert not list(tmp_path.iterdir())
