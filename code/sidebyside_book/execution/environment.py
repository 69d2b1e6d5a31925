"""The environment variables that every kernel of the book starts with.

A kernel gets the variables that are listed here, and no other: whatever a shell holds
beside them decides nothing. Three lists say what may pass. Two of them count: what they
hold is a part of the key under which results are kept.

| list | what it holds | counts | travels to a cluster |
|---|---|---|---|
| `HARMLESS` | what programs need to run at all | no | no |
| `PLACES` | where this machine keeps libraries, compilers, accelerators | yes | no |
| `CHOICES` | what a user chose for a run | yes | yes |

The locale is not on them: without one, Python takes UTF-8 and English on any machine.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from sidebyside_book import surroundings

DEFAULT_BACKEND = "tensorflow"
DEFAULT_THREADS = "1"
"""One thread a kernel: kernels that run side by side don't fight for the cores, and
sums come out in the same order on a machine with more of them."""

OWN = Path(__file__).with_name("own")
"""The only place where Jupyter looks for a specification of a kernel."""
KERNEL = OWN / "kernels" / "python3"
"""The specification itself, and what its kernel needs."""
NOWHERE = f"{os.devnull}/keras"
"""A folder that nobody can make: Keras finds no `keras.json` there, and writes none. In
the key such a file would be noticed, and still give the book another float type."""

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",  # PyTorch, and whatever is built with OpenMP
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",  # NumPy, SciPy
    "VECLIB_MAXIMUM_THREADS",  # NumPy on macOS
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)

HARMLESS = (
    "HOME",
    "LOGNAME",
    "PATH",  # of what it leads to, compilers are used: `machine` says where they are
    "TMPDIR",
    "USER",
    # Networks: data that a chapter fetches are checked by their digests.
    *("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    *("all_proxy", "http_proxy", "https_proxy", "no_proxy"),
    *("CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    *("SSL_CERT_DIR", "SSL_CERT_FILE"),
    # Where caches and files of the moment lie.
    *("HF_HOME", "JUPYTER_RUNTIME_DIR", "TORCH_HOME", "XDG_CACHE_HOME"),
    *("XDG_RUNTIME_DIR", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
    # How the memory of a GPU is taken.
    *("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF", "TF_GPU_ALLOCATOR"),
    *("TF_FORCE_GPU_ALLOW_GROWTH", "XLA_PYTHON_CLIENT_MEM_FRACTION"),
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    # Some builds on macOS do not start without these; threadpoolctl sets the first one
    # everywhere.
    *("KMP_DUPLICATE_LIB_OK", "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"),
)

PLACES = (
    # Libraries: CUDA's, those of conda and Nix, another allocator.
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
    *("DYLD_FALLBACK_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH"),
    *("CONDA_PREFIX", "CUDA_HOME", "CUDA_PATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE"),
    # Compilers, for the chapters that compile.
    *("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPATH", "LDFLAGS", "LIBRARY_PATH"),
    *("C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "NIX_CFLAGS_COMPILE", "NIX_LDFLAGS"),
    *("DEVELOPER_DIR", "MACOSX_DEPLOYMENT_TARGET", "SDKROOT"),
    # Which accelerators are seen.
    *("CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"),
    *("HSA_OVERRIDE_GFX_VERSION", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
)

CHOICES = (
    # Settings that make another processor of this one.
    *("ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS"),
    *("MKL_THREADING_LAYER", "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE"),
    "TF_ENABLE_ONEDNN_OPTS",
    # Where and how exactly an accelerator computes.
    *("CUBLAS_WORKSPACE_CONFIG", "JAX_PLATFORMS", "KERAS_TORCH_DEVICE"),
    *("NVIDIA_TF32_OVERRIDE", "PYTORCH_ENABLE_MPS_FALLBACK", "TF_XLA_FLAGS"),
    "XLA_FLAGS",
)

CHOSEN = "SIDEBYSIDE_"
"""Beginning of the names of the book's own variables, which are choices, too."""


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that are set for every kernel, whatever the shell says.

    Args:
        environ: Where `KERAS_BACKEND` and `SIDEBYSIDE_THREADS` (threads a kernel, 1 if
            missing) are read; the process's own environment if not given.

    Raises:
        ValueError: If `SIDEBYSIDE_THREADS` is no whole number of 1 or more.
    """
    threads = surroundings.threads(environ) or DEFAULT_THREADS
    return {
        **dict.fromkeys(THREAD_VARIABLES, threads),
        "JUPYTER_PATH": str(OWN),
        "KERAS_BACKEND": environ.get("KERAS_BACKEND") or DEFAULT_BACKEND,
        "KERAS_HOME": NOWHERE,
        "MATPLOTLIBRC": str(KERNEL),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONSAFEPATH": "1",  # nothing beside a chapter is imported
        "SIDEBYSIDE_THREADS": threads,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def kernel_environment(
    environ: Mapping[str, str] = os.environ,
    choices: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the whole environment of a kernel: what may pass, and `settings`.

    Args:
        environ: What is to be let through; the process's own environment if not given.
        choices: What counts as chosen instead of what `environ` holds; as `chosen`
            returns it.
    """
    made = chosen(environ if choices is None else choices)
    return {**_kept(environ, (*HARMLESS, *PLACES)), **settings(made), **made}


def deciding(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return those variables of a kernel's environment that can change a result."""
    return {**_kept(environ, PLACES), **chosen(environ)}


def chosen(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return those of them that mean the same on another machine."""
    own = [name for name in environ if name.startswith(CHOSEN)]
    names = ("KERAS_BACKEND", "SIDEBYSIDE_THREADS", *THREAD_VARIABLES)
    return {**_kept(environ, (*CHOICES, *own)), **_kept(settings(environ), names)}


def _kept(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: environ[name] for name in sorted(names) if name in environ}
