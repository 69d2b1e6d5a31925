"""The faults that are put into the chapters, one at a time; each must be noticed.

They stand in `data/chapters/NN_topic.yaml`, under `faults`; what a row has,
`sidebyside_book.chapter_data.Fault` says. Every chapter has at least one fault, and a
chapter that trains at least ten in the program that it shows: another setting, fewer
steps, fewer rows, another order, another distribution.
"""

from pathlib import Path

from perturb import Perturbation

from sidebyside_book import chapter_data

BOOK = Path(__file__).resolve().parents[2]


def read(path: Path) -> list[Perturbation]:
    """Return the faults of one chapter.

    Raises:
        ValueError: If a row is incomplete.
    """
    faults = chapter_data.read(path).faults
    return [Perturbation(**vars(fault), chapter=path.stem) for fault in faults]


PERTURBATIONS = [fault for path in chapter_data.paths(BOOK) for fault in read(path)]
