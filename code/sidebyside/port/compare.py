"""Where do two models part? Both are run on the same input, layer beside layer."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sidebyside import records
from sidebyside.parity import nudge
from sidebyside.port._trace import Calls, lane, trace
from sidebyside.port._walk import Row, Walk
from sidebyside.port.causes import REMEDIES, Found, find
from sidebyside.port.match import Match

DRAWS = 3
"""Runs of the source with its weights nudged: what rounding does to each layer."""


@dataclass(repr=False)
class Comparison:
    """What was compared, in the order of execution, and where the models part.

    Attributes:
        rows: One for each input and output that was compared.
        causes: Of the first row that parts; empty if none fits.
    """

    rows: list[Row]
    causes: list[Found] = field(default_factory=list)

    @property
    def parts(self) -> Row | None:
        """The first place where they part; None if they agree."""
        return next((row for row in self.rows if not row.passed), None)

    @property
    def passed(self) -> bool:
        """Whether they agree everywhere."""
        return self.parts is None

    def __repr__(self) -> str:
        return "\n".join([str(self.table()), *self._said()])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{records.prose(line)}</p>" for line in self._said())
        return self.table()._repr_html_() + said

    def table(self) -> records.Table:
        """Return the rows, to be looked at."""
        header = ["layer", "where", "worst difference", "allowed", "verdict"]
        first = self.parts
        rows = [
            [
                row.name,
                row.where,
                records.number(row.worst),
                records.number(row.allowed),
                _verdict(row, first),
            ]
            for row in self.rows
        ]
        return records.Table("Both models on the same input", header, rows)

    def _said(self) -> Iterator[str]:
        if (row := self.parts) is None:
            yield "The models agree in every layer."
            return
        place = row.name if row.where == "result" else f"{row.where} of {row.name}"
        yield f"They part at the {place}. {row.why}".rstrip()
        for cause in self.causes:
            yield f"Likely cause: {cause}. {REMEDIES[cause.cause]}"
        if not self.causes:
            yield (
                "No cause of the catalogue gives these numbers: look at what each "
                "model does between the last row that is equal and this one."
            )


def compare(match: Match, *, copy: bool = True, training: bool = False) -> Comparison:
    """Run both models of a match on the same input and compare layer by layer.

    The source is run as it is: a PyTorch model that is in training mode stays in it.

    Args:
        match: Which layers belong together.
        copy: Whether the source's weights are written into the target first.
        training: Whether the moving averages of batch norms are compared, too, after
            one batch in training mode. PyTorch averages the unbiased variance and Keras
            the biased one, so that these two always part there.

    Returns:
        A row for each pair in the order of execution, for the result, and for the
        averages if asked for; and the likely causes of the first that parts.

    Numerics:
        Allowed is `rounding` of the dtype, and `SAFETY` times what a nudge of the last
        place of each weight does to that array in the source.
    """
    if copy:
        match.copy()
    ours, nudged = trace(match.source, match.inputs), _nudged(match)
    walk = _walk(match, ours, nudged)
    rows = list(walk.rows())
    if training and walk.parting is None:
        rows += walk.averages()
    causes = find(walk.parting) if walk.parting else []
    if walk.also is not None:
        causes = causes or find(walk.also)
    if walk.parting and copy and not causes:
        causes = list(_interchanged(match, ours, nudged))
    return Comparison(rows, causes)


def _walk(match: Match, ours: Calls, nudged: list[Calls]) -> Walk:
    return Walk(match, ours, trace(match.target, match.target_inputs), nudged)


def _nudged(match: Match) -> list[Calls]:
    """Return the calls of the source in evaluation mode, and with weights nudged.

    The first are those with the weights as they are; in the others each weight has
    moved by its last place.
    """
    module = lane(match.source)
    weights = module.get_weights(match.source)
    runs = [trace(match.source, match.inputs, training=False)]
    try:
        for seed in range(DRAWS):
            module.set_weights(match.source, nudge(weights, seed=seed))
            runs.append(trace(match.source, match.inputs, training=False))
    finally:
        module.set_weights(match.source, weights)
    return runs


def _interchanged(match: Match, ours: Calls, nudged: list[Calls]) -> Iterator[Found]:
    """Try layers that have one input and one shape in every other order."""
    try:
        for other in match.interchanged():
            other.copy()
            if all(row.passed for row in _walk(other, ours, nudged).rows()):
                changed = [pair for pair in other.pairs if pair not in match.pairs]
                said = ", ".join(f"{p.source.path} = {p.target.path}" for p in changed)
                yield Found(
                    "layers paired the wrong way round", f"with {said} they agree"
                )
                return
    finally:
        match.copy()


def _verdict(row: Row, first: Row | None) -> str:
    if row.passed:
        return row.note or "equal"
    return "PARTS HERE" if row is first else "parts"
