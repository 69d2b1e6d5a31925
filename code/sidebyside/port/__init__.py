"""Move a model of your own to another framework, and see that it arrived.

| name | does |
|---|---|
| `match(source, target, inputs)` | pairs the layers of two models, shows the pairing |
| `compare(match)` | runs both on one input, says where they part, and why |
| `ladder(name, match, ...)` | the whole parity ladder, with your loss and optimizer |
| `causes` | the catalogue of causes |

Both models are yours: built, in any two of the three frameworks, with layers whose
names have nothing to do with each other.
"""

from sidebyside.port import causes
from sidebyside.port._pairing import Pair
from sidebyside.port._walk import Row
from sidebyside.port.compare import Comparison, compare
from sidebyside.port.ladder import ladder
from sidebyside.port.match import Match, match

__all__ = ["Comparison", "Match", "Pair", "Row", "causes", "compare", "ladder", "match"]
