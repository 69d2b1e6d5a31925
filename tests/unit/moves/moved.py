"""What every real move has to show, in both directions."""

from typing import Any

import numpy as np

from sidebyside import port
from sidebyside.port._trace import lane


def moved(
    source: Any, target: Any, inputs: Any, *, exact: bool = True, **options: Any
) -> float:
    """Move weights, see that all layers agree, and return how far the results part.

    Then they are moved back into the source, from which they were taken: no bit of
    them may be lost, except where two biases were added (`exact` False).
    """
    there = port.match(source, target, inputs, **options)
    assert not there.ambiguous, str(there)
    assert not there.left_source, str(there)
    compared = port.compare(there)
    assert compared.passed, str(compared)
    back = port.match(target, source, there.target_inputs, target_inputs=inputs)
    module = lane(source)
    weights = module.get_weights(source)
    nothing = {name: np.zeros_like(array) for name, array in weights.items()}
    module.set_weights(source, nothing)
    back.copy()
    assert port.compare(back, copy=False).passed
    after = module.get_weights(source)
    for name, array in weights.items() if exact else ():
        np.testing.assert_array_equal(after[name], array, err_msg=name)
    return compared.rows[-1].worst
