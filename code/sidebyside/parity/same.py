"""One line for a test of one's own: two models are one."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from sidebyside.parity._compare import ParityError


def assert_same(
    source: Any,
    target: Any,
    inputs: Any,
    *,
    target_inputs: Any = None,
    pairs: Mapping[str, str] | None = None,
    flattened: Mapping[str, Sequence[int]] | None = None,
    training: bool = False,
    copy: bool = True,
) -> None:
    """See that a port computes what its source computes, in every layer.

    Args:
        source: A built model of any lane.
        target: A built model of any lane.
        inputs: NumPy arrays, as in `sidebyside.port.match`.
        target_inputs: As there.
        pairs: As there.
        flattened: As there.
        training: As in `sidebyside.port.compare`.
        copy: Whether the source's weights are written into the target first. False for
            a target that has them already.

    Raises:
        ParityError: If they part; the message holds the table, the place and the cause.
        ValueError: If layers can't be paired.
    """
    # It stands on this package. By name, so that no chapter depends on it.
    port = import_module("sidebyside.port")
    matched = port.match(
        source,
        target,
        inputs,
        target_inputs=target_inputs,
        pairs=pairs,
        flattened=flattened,
    )
    compared = port.compare(matched, copy=copy, training=training)
    if not compared.passed:
        raise ParityError(f"assert_same: expected one model, received two\n{compared}")
