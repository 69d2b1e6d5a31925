"""Things that are noted for each page and kept in Sphinx's environment."""

from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector


class PerPage(EnvironmentCollector):
    """Keeps what is noted right when pages are read again or read in parallel."""

    attribute: ClassVar[str]
    """The name under which the environment keeps it."""

    @classmethod
    def of(cls, env: BuildEnvironment) -> dict[str, Any]:
        """Return what is noted, page name -> that of the page."""
        if not hasattr(env, cls.attribute):
            setattr(env, cls.attribute, {})
        kept: dict[str, Any] = getattr(env, cls.attribute)
        return kept

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page that is about to be read again, or was removed."""
        self.of(env).pop(docname, None)

    def merge_other(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        docnames: set[str],
        other: BuildEnvironment,
    ) -> None:
        """Take over what another process has noted for its pages."""
        for docname in docnames & self.of(other).keys():
            self.of(env)[docname] = self.of(other)[docname]

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Do nothing: the page was noted while it was parsed."""
