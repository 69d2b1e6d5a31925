"""The environment variables that every kernel of the book starts with."""

import os
from collections.abc import Mapping

DEFAULT_BACKEND = "tensorflow"
DEFAULT_THREADS = "1"
"""One thread a kernel: kernels that run side by side don't fight for the cores, and
sums come out in the same order on a machine with more of them."""

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",  # PyTorch, and whatever is built with OpenMP
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",  # NumPy, SciPy
    "VECLIB_MAXIMUM_THREADS",  # NumPy on macOS
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)

MATTERS = (
    "CUDA_",
    "JAX_",
    "KERAS_",
    "KMP_",
    "MKL_",
    "NUMEXPR_",
    "NVIDIA_",
    "OMP_",
    "OPENBLAS_",
    "PYTHONHASHSEED",
    "PYTORCH_",
    "SIDEBYSIDE_",
    "TF_",
    "TORCH",
    "VECLIB_",
    "XLA_",
)
"""Beginnings of the names of variables that can change what a chapter computes."""

HARMLESS = ("KMP_DUPLICATE_LIB_OK",)
"""Set by threadpoolctl when it is imported: in the process of Sphinx, not in that of
`sidebyside execute`, whose results Sphinx is to find."""

TERRAFORM = (
    "TF_CLI_",
    "TF_DATA_DIR",
    "TF_LOG",
    "TF_PLUGIN_",
    "TF_TOKEN_",
    "TF_VAR_",
    "TF_WORKSPACE",
)
"""Beginnings of another program's variables, which look like TensorFlow's."""


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that are set for every kernel, whatever the shell says.

    Args:
        environ: Where `KERAS_BACKEND` and `SIDEBYSIDE_THREADS` (threads a kernel, 1 if
            missing) are read; the process's own environment if not given.
    """
    threads = environ.get("SIDEBYSIDE_THREADS", DEFAULT_THREADS)
    return {
        **dict.fromkeys(THREAD_VARIABLES, threads),
        "KERAS_BACKEND": environ.get("KERAS_BACKEND", DEFAULT_BACKEND),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def kernel_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the whole environment of a kernel: that of the shell, and `settings`."""
    return {**environ, **settings(environ)}


def deciding(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return those variables of a kernel's environment that can change a result."""
    return {
        name: value
        for name, value in sorted(kernel_environment(environ).items())
        if name.startswith(MATTERS) and not name.startswith((*TERRAFORM, *HARMLESS))
    }
