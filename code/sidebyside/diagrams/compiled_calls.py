"""What a compiled function does when it is called, and what each lane looks at."""

from sidebyside.diagrams._draw import Diagram, lane_name
from sidebyside.plots import LANES

CHECKED = (
    "shapes, dtypes,\nPython values,\nglobals, closures,\nparts of a model",
    "shapes, dtypes,\nPython values\nof arguments;\nnot globals",
    "what the backend\nlooks at;\ncompile() makes\nall of it anew",
)
"""What must be as it was when the graph was made: PyTorch, TensorFlow core, Keras."""
ROWS = (
    ("eager", ("as it is", "as it is", "run_eagerly=True")),
    ("traced", ('backend="eager"', "tf.function", "compile, fit")),
    ("compiled", ("torch.compile", "jit_compile=True", "jit_compile=True")),
    ("exported", ("torch.export", "saved_model.save", "model.export")),
)
"""Who runs the operations, and what each lane calls it."""

LEFT, GAP, WIDE = 6.0, 126.0, 116.0
CHECKS, NAMES = 186.0, 306.0
"""Where the lower two parts begin [units]."""


def compiled_calls() -> Diagram:
    """Return the diagram of a compiled call: guards, graph, trace, and the names."""
    diagram = Diagram(
        "What happens when a compiled function is called",
        "A call first meets the guards: is all as it was when a graph was made? If so, "
        "the graph runs, and Python does not. If not, the function is traced: Python "
        "runs once on stand-ins, a new graph is made and kept with its guards, and "
        "then it runs. PyTorch guards shapes, dtypes, Python values, globals, closures "
        "and parts of a model. TensorFlow core looks at shapes, dtypes and Python "
        "values of the arguments, not at globals. Keras is as its backend, and "
        "compile makes all of it anew. Names: eager is the default, in Keras "
        "run_eagerly; traced is torch.compile with the backend eager, tf.function, "
        "and fit after compile; compiled to machine code is torch.compile and "
        "jit_compile; exported is "
        "torch.export, saved_model.save and model.export.",
        height=NAMES + 106,
    )
    _call(diagram)
    diagram.words(190, CHECKS - 14, "what the guards look at", bold=True)
    for index, (lane, words) in enumerate(zip(LANES, CHECKED, strict=True)):
        x = LEFT + GAP * index
        diagram.words(x + WIDE / 2, CHECKS + 8, lane_name(lane), bold=True, lane=lane)
        diagram.box(x, CHECKS + 20, WIDE, 68, words, lane=lane, small=True)
    diagram.words(190, NAMES, "what it is called", bold=True)
    for row, (what, names) in enumerate(ROWS):
        y = NAMES + 24 + 22 * row
        diagram.words(LEFT, y, what, bold=True, anchor="start", small=True)
        for place, (lane, name) in enumerate(zip(LANES, names, strict=True)):
            diagram.words(116 + 102 * place, y, name, small=True, lane=lane)
    return diagram


def _call(diagram: Diagram) -> None:
    """Draw the way of a call: guards, then the graph, or a trace before it."""
    call = diagram.box(6, 14, 70, 30, "a call")
    guards = diagram.box(108, 8, 142, 42, "guards:\nall as it was?")
    graph = diagram.box(288, 14, 86, 30, "graph runs")
    trace = diagram.box(
        80, 92, 198, 58, "trace: Python runs once,\na new graph is made"
    )
    diagram.arrow(call.right, guards.left)
    diagram.arrow(guards.right, graph.left)
    diagram.words(269, 20, "yes", small=True)
    diagram.arrow(guards.bottom, trace.top)
    diagram.words(192, 71, "no", small=True, anchor="start")
    diagram.arrow(trace.right, (graph.bottom[0], trace.right[1]), graph.bottom)
    diagram.words(328, 136, "kept, with\nits guards", small=True)
