"""The settings under which the chapters run: other processors, threads, seeds.

Not among them is `ONEDNN_MAX_CPU_ISA`: TensorFlow's product of bfloat16 matrices
crashes under it, on processors on which it works without.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidebyside_book.chapter import Value
from sidebyside_book.execution.environment import chosen

SEED = "SEED"
"""The parameter that a chapter has which trains."""
SEEDS = range(5)


@dataclass(frozen=True)
class Setting:
    """What is set for every chapter that has the parameters."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def suits(self, offer: Mapping[str, Value]) -> bool:
        """Say whether a chapter that offers these parameters runs under it."""
        return self.parameters.keys() <= offer.keys()

    def changes(self, offer: Mapping[str, Value]) -> bool:
        """Say whether such a chapter runs otherwise than it does as it is."""
        here = {**os.environ, **self.variables}
        return chosen(here) != chosen() or {**offer, **self.parameters} != offer


SETTINGS = (
    Setting("aten-default", {"ATEN_CPU_CAPABILITY": "default"}),
    Setting("avx2", {"ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}),
    Setting("threads-1", {"SIDEBYSIDE_THREADS": "1"}),
    Setting("threads-4", {"SIDEBYSIDE_THREADS": "4"}),
    # Which of the two is TensorFlow's default depends on the processor.
    Setting("onednn-0", {"TF_ENABLE_ONEDNN_OPTS": "0"}),
    Setting("onednn-1", {"TF_ENABLE_ONEDNN_OPTS": "1"}),
    *(Setting(f"seed-{seed}", parameters={SEED: seed}) for seed in SEEDS),
)


def named(wanted: Sequence[str]) -> list[Setting]:
    """Return the settings of these names, in the order of `SETTINGS`; all if empty.

    Raises:
        ValueError: If there is no such setting.
    """
    known = [setting.name for setting in SETTINGS]
    if unknown := [name for name in wanted if name not in known]:
        raise ValueError(
            f"machines: expected settings of {', '.join(known)}; "
            f"received {unknown[0]!r}"
        )
    return [s for s in SETTINGS if not wanted or s.name in wanted]
