"""The instructor's guide: notes to each chapter, agendas, and the pages made of them.

What teachers need stands in `data/chapters/`: `agendas.yaml`, and in a file for each
chapter, which has the chapter's name, what stands there under `notes`. It is checked
against the chapters when it is read, so that no note speaks of a cell, a section or an
exercise that is gone.
"""

from sidebyside_book.website.pages.guide.pages import connect as setup

__all__ = ["setup"]
