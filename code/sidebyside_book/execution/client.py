"""Runs the cells of one notebook, by the rules that all commands share.

A cell that raises ends the run, but for one with the tag `raises-exception`; so does
one that calls `sys.exit`, runs longer than it may, or takes the kernel along.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from sidebyside_book.execution.manager import NAME, options

START_ATTEMPTS = 2
"""Kernels that start at the same moment now and then want the same port (papermill's
issue 511); the second attempt finds another."""


class Client(NotebookClient):
    """nbclient's, which leaves signals to the command that runs it.

    nbclient's handlers stop one notebook alone, and no command: with several kernels
    that of the last one, and none while that one starts.
    """

    @asynccontextmanager
    async def async_setup_kernel(self, **kwargs: Any) -> AsyncIterator[None]:
        """Start the kernel, and end it afterwards, whatever happens."""
        self.create_kernel_manager()
        try:
            await self.async_start_new_kernel(**kwargs)
            await self.async_start_new_kernel_client()
            yield
        finally:
            if self.km is not None:  # it is None after a start that failed
                await self._async_cleanup_kernel()


async def run_cells(
    notebook: NotebookNode,
    folder: Path,
    *,
    timeout_s: int | None,
    on_cell_start: Callable[..., None],
    choices: Mapping[str, str] | None = None,
) -> None:
    """Run a notebook from top to bottom, and put the outputs into its cells.

    Nothing else is added: times noted in the metadata would change its hash.

    Args:
        notebook: The notebook, which is changed.
        folder: Where the kernel runs.
        timeout_s: Seconds that one cell may run; any time if None.
        on_cell_start: Called with `cell` and `cell_index` before each of the cells,
            those of text included.
        choices: The variables that count as chosen: see `manager.options`.

    Raises:
        Exception: Whatever ended the run.
        asyncio.CancelledError: If the task was cancelled, as by Ctrl-C.
    """
    begun = False

    def begin(cell: NotebookNode, cell_index: int) -> None:
        nonlocal begun
        begun = True
        on_cell_start(cell=cell, cell_index=cell_index)

    for attempt in range(1, START_ATTEMPTS + 1):
        client = Client(
            notebook,
            timeout=timeout_s,
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            on_cell_start=begin,
            **options(choices, kernel=_kernel(notebook)),
        )
        try:
            await client.async_execute()
            return
        except Exception as error:
            task = asyncio.current_task()
            if task and task.cancelling():  # Ctrl-C; nbclient says "Kernel died"
                raise asyncio.CancelledError from error
            if begun or attempt == START_ATTEMPTS:
                raise


def own_timeout(notebook: NotebookNode, usual_s: int | None) -> int | None:
    """Return the seconds that one cell may run: as the notebook says, else the usual.

    Args:
        notebook: Its metadata may have a field `execution`, as for MyST-NB.
        usual_s: For notebooks that say nothing of it; any time if None.
    """
    return notebook.metadata.get("execution", {}).get("timeout", usual_s)


def _kernel(notebook: NotebookNode) -> str:
    return notebook.metadata.get("kernelspec", {}).get("name", NAME)
