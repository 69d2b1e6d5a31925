"""What a process is told in which a framework is measured, or asked, alone."""

import os

_NEEDED = "HOME PATH TMPDIR TEMP SYSTEMROOT USERPROFILE LD_LIBRARY_PATH CC CXX"
_CHOSEN = "ATEN_CPU_CAPABILITY MKL_ENABLE_INSTRUCTIONS TF_ENABLE_ONEDNN_OPTS"
"""What makes another machine of this one."""
_THREADS = (
    "OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS VECLIB_MAXIMUM_THREADS "
    "TF_NUM_INTRAOP_THREADS TF_NUM_INTEROP_THREADS NPROC"  # NPROC is JAX's
)
_PROCESSOR = {
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "KERAS_TORCH_DEVICE": "cpu",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def environment(threads: int) -> dict[str, str]:
    """Return variables for a process: so many threads, no GPU, and nothing else.

    Args:
        threads: How many each library may use.
    """
    names = [*_NEEDED.split(), *_CHOSEN.split()]
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | dict.fromkeys(_THREADS.split(), str(threads)) | _PROCESSOR
