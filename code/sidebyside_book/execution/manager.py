"""The manager of the book's kernels: always the same kernel, the same environment."""

from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict, Unicode, default
from traitlets.config import Config

from sidebyside_book.execution.environment import (
    KERNEL,
    kernel_environment,
)

NAME = "python3"
"""What notebooks call the book's kernel."""


class OneKernel(KernelSpecManager):
    """Knows one kernel: this Python's, as the folder `own` specifies it."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return it.

        Raises:
            NoSuchKernel: If another one is asked for.
        """
        if kernel_name != NAME:
            raise NoSuchKernel(kernel_name)
        return self.kernel_spec_class.from_resource_dir(str(KERNEL))


class BookKernelManager(AsyncKernelManager):
    """Starts that kernel in the book's environment, whatever the caller passes."""

    choices = Dict(Unicode(), key_trait=Unicode(), config=True)
    """What counts as chosen; empty: what this process's environment holds."""

    @default("kernel_spec_manager")
    def _one_kernel(self) -> KernelSpecManager:
        return OneKernel(parent=self)

    async def start_kernel(self, **options: Any) -> None:
        """Start it; an environment that is passed does not count."""
        options["env"] = kernel_environment(choices=self.choices or None)
        await super().start_kernel(**options)


def options(
    choices: Mapping[str, str] | None = None, kernel: str = NAME
) -> dict[str, Any]:
    """Return the arguments with which nbclient starts the book's kernel.

    Args:
        choices: What counts as chosen, as `environment.chosen` returns it; what this
            process's environment holds if None.
        kernel: The name of the kernel that is asked for; there is one alone.
    """
    # Kernels encrypt their messages; otherwise each one logs a warning.
    manager = {"transport_encryption": "auto", "choices": dict(choices or {})}
    return {
        "kernel_manager_class": BookKernelManager,
        "kernel_name": kernel,
        "config": Config({"BookKernelManager": manager}),
        "shutdown_kernel": "immediate",
    }
