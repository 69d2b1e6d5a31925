"""An LSTM cell at one word, and the order in which each framework keeps its gates."""

from sidebyside.diagrams._draw import Box, Diagram, Point

GATES = {"f": "forget", "i": "input", "g": "candidate", "o": "output"}
"""Letter -> what the gate is called, in the order of the drawing."""
LEFT, STEP, GATE = 50.0, 78.0, 70.0
MEMORY, MIDDLE, TOP, SUM = 34.0, 92.0, 140.0, 206.0
"""Heights [units]: the memory, what meets it, the gates, the sum below them."""
ORDERS = (
    ("PyTorch", "ifgo", "pytorch"),
    ("TensorFlow core, this chapter", "ifgo", "tensorflow"),
    ("TensorFlow core, tf.raw_ops.BlockLSTM", "igfo", "tensorflow"),
    ("Keras, which calls g: c", "ifco", "keras"),
)
"""Whose order it is, the letters of the blocks, and the lane."""


def lstm_cell() -> Diagram:
    """Return the diagram: the cell above, the four orders of its weights below."""
    diagram = Diagram(
        "An LSTM cell and the orders of its gates",
        "The word's vector x and the last state h give one sum, which is cut into four "
        "gates: forget, input, candidate and output. The memory c runs along the top: "
        "it is multiplied by the forget gate, then the input gate times the candidate "
        "is added. The output gate times the tanh of the new memory is the new state. "
        "Below: the weights of the four gates stand in one matrix, in the order i f g "
        "o in PyTorch and in this chapter's TensorFlow, i g f o in TensorFlow's own "
        "operation BlockLSTM, and i f c o in Keras, where c is g.",
        height=496,
    )
    gates = {}
    for place, (letter, name) in enumerate(GATES.items()):
        x = LEFT + STEP * place
        words = f"{letter}: {'tanh' if letter == 'g' else 'σ'}\n{name}"
        gates[letter] = diagram.box(x, TOP, GATE, 40, words, small=True)
    _cell(diagram, gates)
    _sum(diagram, gates)
    for row, (name, letters, lane) in enumerate(ORDERS):
        _order(diagram, 284 + 54 * row, name, letters, lane)
    return diagram


def _cell(diagram: Diagram, gates: dict[str, Box]) -> None:
    """Draw the memory along the top, and what the gates do to it."""
    forget, output = (
        _circle(diagram, gates[k].top[0], MEMORY, "×") for k in ("f", "o")
    )
    between = (gates["i"].top[0] + gates["g"].top[0]) / 2
    chosen = _circle(diagram, between, MIDDLE, "×")
    added = _circle(diagram, between, MEMORY, "+")
    diagram.words(4, MEMORY - 12, "memory", small=True, anchor="start")
    diagram.words(4, MEMORY, "c", bold=True, anchor="start")
    diagram.arrow((14, MEMORY), forget.left)
    diagram.arrow(forget.right, added.left)
    diagram.line(added.right, (output.x - 46, MEMORY))
    diagram.arrow((output.x - 46, MEMORY), output.left)
    diagram.words(output.x - 31, MEMORY - 10, "tanh", small=True)
    diagram.arrow((output.x - 46, MEMORY), (output.x - 46, 10), (370, 10))
    diagram.words(372, 22, "new c", small=True, anchor="end")
    diagram.arrow(output.right, (370, MEMORY))
    diagram.words(372, MEMORY + 14, "new h", small=True, anchor="end")
    diagram.arrow(gates["f"].top, forget.bottom)
    diagram.arrow(gates["o"].top, output.bottom)
    diagram.arrow(chosen.top, added.bottom)
    for letter, side in (("i", chosen.left), ("g", chosen.right)):
        x = gates[letter].top[0]
        diagram.arrow(gates[letter].top, (x, MIDDLE), side)


def _circle(diagram: Diagram, x: float, y: float, sign: str) -> Box:
    return diagram.box(x - 11, y - 11, 22, 22, sign)


def _sum(diagram: Diagram, gates: dict[str, Box]) -> None:
    """Draw the sum that all gates share, and what goes into it."""
    width = STEP * (len(GATES) - 1) + GATE
    total = diagram.box(LEFT, SUM, width, 26, "x W + h U + b, cut into four")
    for gate in gates.values():
        diagram.arrow((gate.bottom[0], SUM), gate.bottom)
    ways: tuple[tuple[str, Point], ...] = (
        ("x: the word's vector", (LEFT + width / 4, SUM + 40)),
        ("h: the last state", (LEFT + 3 * width / 4, SUM + 40)),
    )
    for words, (x, y) in ways:
        diagram.arrow((x, y), (x, total.bottom[1]))
        diagram.words(x, y + 9, words, small=True)


def _order(diagram: Diagram, y: float, name: str, letters: str, lane: str) -> None:
    """Draw the four blocks of a weight matrix in a framework's order."""
    diagram.words(LEFT, y, name, small=True, anchor="start", bold=True, lane=lane)
    for place, letter in enumerate(letters):
        moved = letter != "ifgo"[place] and letter != "c"
        x = LEFT + STEP * place
        diagram.box(x, y + 10, STEP, 24, letter, lane=lane, dashed=moved)
