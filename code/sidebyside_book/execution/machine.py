"""What of this machine can change a result: the processor above all.

Libraries choose their code by the instructions that a processor has, and sizes of
blocks by its model, so that sums come out in another order.
"""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia/gpus")
COMPILERS = ("g++", "clang++")

_MODEL = ("vendor_id", "cpu family", "model", "CPU implementer", "CPU part")
_SETS = ("flags", "Features")
_ARITHMETIC = re.compile(
    r"(3dnow|amx|asimd|avx|bf16|bmi|f16c|fma|fp|gfni|i8mm|neon|sme|sse|ssse|sve|vaes|vpcl)"
)
"""Beginnings of the sets that compute. Others come and go with the kernel's version."""


def described() -> list[str]:
    """Return the system, Python, the processor, compilers and accelerators."""
    return [
        platform.system(),
        platform.machine(),
        platform.python_implementation(),
        platform.python_version(),
        *processor(),
        *compilers(),
        *gpus(),
    ]


def processor() -> list[str]:
    """Return the processor's model and the sets of instructions that it computes with.

    On macOS the model's name implies the sets.
    """
    if CPUINFO.is_file():
        return list(_of_cpuinfo(CPUINFO.read_text(encoding="utf-8")))
    if platform.system() == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return [subprocess.check_output(command, text=True).strip()]
    return [platform.processor()]


def _of_cpuinfo(text: str) -> Iterator[str]:
    """Yield what is said of the first core."""
    for line in text.partition("\n\n")[0].splitlines():
        name, _, value = (part.strip() for part in line.partition(":"))
        if name in _MODEL:
            yield f"{name}: {value}"
        elif name in _SETS:
            yield from sorted(filter(_ARITHMETIC.match, value.split()))


def compilers() -> list[str]:
    """Return where the C++ compilers are: chapters that compile use the first one."""
    paths = (shutil.which(name) for name in COMPILERS)
    return [os.path.realpath(path) for path in paths if path]


def gpus() -> list[str]:
    """Return the models of NVIDIA's GPUs, as the driver names them."""
    files = sorted(GPUS.glob("*/information"))
    fields = (
        line.partition(":") for file in files for line in file.read_text().splitlines()
    )
    return [value.strip() for name, _, value in fields if name == "Model"]
