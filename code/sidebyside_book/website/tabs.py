"""Three neighbouring lane cells become one tab set.

The notebook stays plain: three code cells in a row, tagged `lane-pytorch`,
`lane-tensorflow` and `lane-keras`, with ids that share a stem (`step-pytorch`,
`step-tensorflow`, `step-keras`). While a page is read, the cells' containers *move*
into the containers of sphinx-design's tabs, which renders and synchronizes them.
"""

from dataclasses import dataclass
from itertools import groupby

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx_design.shared import create_component

from sidebyside_book.chapter import LANES
from sidebyside_book.website import notebook, stopped
from sidebyside_book.website.records import triple_anchor

ORDER = list(LANES)
SYNC_GROUP = "lane"
"""Names the query parameter (`?lane=keras`) and the key in the browser's storage."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LaneCell:
    """A code cell that belongs to a lane."""

    node: nodes.container
    lane: str
    name: str

    @property
    def stem(self) -> str:
        """The cell's id without its lane; cells of one triple share it."""
        return self.name.removesuffix(f"-{self.lane}")


class GroupLanes(SphinxTransform):
    """Move every lane triple of a page into a tab set."""

    default_priority = 8  # before sphinx-exercise moves gated solutions (10)

    def apply(self, **kwargs: object) -> None:
        """Group the cells of the page, and warn about groups that are not whole.

        A group with a failing cell stays as it is: that cell must not be hidden behind
        the tab of another lane.
        """
        failed = stopped.of_page(self.env, self.env.docname)
        failing = failed.failing if failed else None
        names = [c.id for c in notebook.source_cells(self.env, self.env.docname)]
        parents = {n.parent: None for n in self.document.findall(notebook.is_code_cell)}
        for parent in parents:
            for group in find_groups(parent, names):
                if failing in [cell.node["cell_index"] for cell in group]:
                    continue
                for problem in problems(group):
                    warn(problem, group[0].node)
                replace(parent, group)


def find_groups(parent: nodes.Element, names: list[str]) -> list[list[LaneCell]]:
    """Return the runs of neighbouring lane cells; a new id stem starts a new run.

    Args:
        parent: The node whose children are looked at.
        names: The ids of the notebook's cells, by position in the file.
    """
    cells = [_lane_cell(child, names) for child in parent.children]
    runs = groupby(cells, key=lambda cell: None if cell is None else cell.stem)
    return [list(run) for stem, run in runs if stem is not None]


def _lane_cell(node: nodes.Node, names: list[str]) -> LaneCell | None:
    if not notebook.is_code_cell(node):
        return None
    lanes = [lane for lane in ORDER if f"tag_lane-{lane}" in node["classes"]]
    if not lanes:
        return None
    index = node["cell_index"]
    name = names[index] if index < len(names) else f"cell {index}"
    if len(lanes) > 1:
        warn(f"cell {name!r}: expected one lane tag, received {lanes}", node)
    return LaneCell(node, lanes[0], name)


def problems(group: list[LaneCell]) -> list[str]:
    """Return what keeps a group from being one cell of each lane, in order."""
    lanes = [cell.lane for cell in group]
    wrong = [
        f"cell {cell.name!r}: expected an id that ends in '-{cell.lane}'"
        for cell in group
        if cell.stem == cell.name
    ]
    if lanes != ORDER:
        wrong.append(
            f"lanes of {group[0].stem!r}: expected {', '.join(ORDER)}; "
            f"received {', '.join(lanes)} ({_fault(lanes)})"
        )
    return wrong


def _fault(lanes: list[str]) -> str:
    missing = [lane for lane in ORDER if lane not in lanes]
    repeated = [lane for lane in ORDER if lanes.count(lane) > 1]
    parts = [f"missing {lane}" for lane in missing]
    parts += [f"repeated {lane}" for lane in repeated]
    return ", ".join(parts) or "wrong order"


def warn(message: str, node: nodes.Node) -> None:
    """Give a `sidebyside.lanes` warning, which `-W` turns into a failed build."""
    logger.warning(message, type="sidebyside", subtype="lanes", location=node)


def replace(parent: nodes.Element, group: list[LaneCell]) -> None:
    """Put a tab set in the place of the group's cells."""
    tab_set = create_component("tab-set", classes=["sd-tab-set", "lanes"])
    tab_set["ids"].append(triple_anchor(group[0].stem))
    tab_set.source, tab_set.line = group[0].node.source, group[0].node.line
    parent.insert(parent.index(group[0].node), tab_set)
    for cell in group:
        parent.remove(cell.node)
        tab_set += _tab_item(cell)


def _tab_item(cell: LaneCell) -> nodes.container:
    kind = f"lane-{cell.lane}"
    title = LANES[cell.lane]
    label = nodes.rubric(title, title, classes=["sd-tab-label", kind])
    label["sync_group"], label["sync_id"] = SYNC_GROUP, cell.lane
    content = create_component(
        "tab-content", classes=["sd-tab-content", kind], children=[cell.node]
    )
    return create_component(
        "tab-item",
        classes=["sd-tab-item"],
        children=[label, content],
        selected=False,
    )
