"""What runs on GitHub is pinned, may do little, and calls only what there is."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidebyside_book.machines.settings import SETTINGS

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = [
    path
    for path in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
    if path.stem != "config"
]

PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
EVENTS = {"push", "pull_request", "schedule", "workflow_dispatch"}
DEPLOYS = "actions/deploy-pages@"
MAX_MINUTES = 60
INPUTS = {"input", "textarea", "dropdown", "checkboxes"}

Problems = Iterator[str]


def jobs(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return list(workflow["jobs"].values())


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in jobs(workflow) for step in job["steps"]]


def events(text: str, workflow: dict[Any, Any]) -> Problems:
    """No event lets a stranger's code run with rights of the book."""
    named = set(workflow[True])  # PyYAML reads the key `on` as a truth value
    if named - EVENTS:
        yield f"expected events of {sorted(EVENTS)}, received {sorted(named)}"


def permissions(text: str, workflow: dict[Any, Any]) -> Problems:
    """Nothing is allowed, but for what a job names; only the deployment writes."""
    if workflow.get("permissions") != {}:
        yield f"expected `permissions: {{}}`, received {workflow.get('permissions')}"
    for job in jobs(workflow):
        allowed = job.get("permissions")
        deploys = any(DEPLOYS in step.get("uses", "") for step in job["steps"])
        wanted = {"pages": "write", "id-token": "write"} if deploys else None
        if allowed != (wanted or {"contents": "read"}):
            yield f"expected least permissions of a job, received {allowed}"


def limits(text: str, workflow: dict[Any, Any]) -> Problems:
    """A job ends some day, on a machine that is named; runs don't pile up."""
    if "concurrency" not in workflow:
        yield "expected `concurrency`, received none"
    for job in jobs(workflow):
        if not 0 < job.get("timeout-minutes", 0) <= MAX_MINUTES:
            yield f"expected timeout-minutes, received {job.get('timeout-minutes')}"
        if not re.search(r"-\d", str(job["runs-on"])):
            yield f"expected a version in runs-on, received {job['runs-on']!r}"


def pins(text: str, workflow: dict[Any, Any]) -> Problems:
    """Actions are pinned by a full commit, and say which version that is."""
    for used in re.findall(r"uses: *(.*)", text):
        if not PINNED.fullmatch(used):
            yield f"expected OWNER/NAME@COMMIT # vX.Y.Z, received {used!r}"


def credentials(text: str, workflow: dict[Any, Any]) -> Problems:
    """No credentials stay in the checkout, and no secrets are used."""
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            kept = step.get("with", {}).get("persist-credentials")
            if kept is not False:
                yield f"expected persist-credentials: false, received {kept}"
    if re.search(r"\bsecrets\b", text):
        yield "expected no secrets, received some"


def scripts(text: str, workflow: dict[Any, Any]) -> Problems:
    """What is run takes no text from outside, and exists."""
    verbs = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8")))
    for run in (step["run"] for step in steps(workflow) if "run" in step):
        if "${{" in run:
            yield f"expected a script without expressions, received {run!r}"
        for verb in re.findall(r"\bmake ([\w-]+)", run):
            if verb not in verbs:
                yield f"expected a verb of the Makefile, received {verb!r}"
        for path in re.findall(r"\.ci/[\w.-]+", run):
            if not (ROOT / path).is_file() or not (ROOT / path).stat().st_mode & 0o100:
                yield f"expected an executable file, received {path!r}"


RULES = (events, permissions, limits, pins, credentials, scripts)
BREAKS = {
    events: [("pull_request:", "pull_request_target:"), ("push:", "workflow_run:")],
    permissions: [
        ("permissions: {}\n", ""),
        ("permissions: {}", "permissions: write-all"),
        ("contents: read", "contents: write"),
        ("    permissions:\n      contents: read\n", ""),
        ("contents: read", "contents: read\n      id-token: write"),
    ],
    limits: [
        ("timeout-minutes: 60", "timeout-minutes: 600"),
        ("    timeout-minutes: 60\n", ""),
        ("ubuntu-24.04", "ubuntu-latest"),
        ("concurrency:", "unused:"),
    ],
    pins: [
        ("de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6"),
        ("de0fac2e4500dabe0009e67214ff5f5447ce83dd", "de0fac2"),
        (" # v6.0.2", ""),
    ],
    credentials: [
        ("persist-credentials: false", "persist-credentials: true"),
        ("        with:\n          persist-credentials: false\n", ""),
        ("run: .ci/run", "run: .ci/run\n        env: {X: '${{ secrets.X }}'}"),
    ],
    scripts: [
        (".ci/run", "echo ${{ github.event.pull_request.title }}"),
        (".ci/run", "make no-such-verb"),
        (".ci/run", ".ci/no-such-file"),
        (".ci/run", ".ci/status_table.py"),  # is there, and not executable
    ],
}
CASES = [(rule, *change) for rule, changes in BREAKS.items() for change in changes]
Rule = Callable[[str, dict[Any, Any]], Problems]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_workflow_keeps_a_rule(path: Path, rule: Rule) -> None:
    text = path.read_text(encoding="utf-8")
    found = list(rule(text, yaml.safe_load(text)))
    assert not found, "\n".join([str(rule.__doc__), *found])


@pytest.mark.parametrize(("rule", "old", "new"), CASES)
def test_a_broken_rule_is_seen(rule: Rule, old: str, new: str) -> None:
    text = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    assert old in text
    broken = text.replace(old, new)
    assert list(rule(broken, yaml.safe_load(broken)))


def test_every_rule_is_broken_here() -> None:
    assert set(BREAKS) == set(RULES)


def test_there_are_these_workflows() -> None:
    names = {path.stem for path in WORKFLOWS}
    assert names == {"tests", "pages", "colab", "weekly", "links"}


def test_every_setting_of_another_machine_has_its_turn_in_the_week() -> None:
    path = ROOT / ".github/workflows/weekly.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["machines"]["strategy"]["matrix"]
    named = " ".join(matrix["settings"]).split()
    assert sorted(named) == sorted(setting.name for setting in SETTINGS)


def test_an_action_is_the_same_everywhere() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    used = {one for text in texts for one in re.findall(r"uses: *(.*)", text)}
    assert len({one.split("@")[0] for one in used}) == len(used)


def form_problems(form: dict[str, Any]) -> Problems:
    """Yield what GitHub would refuse in an issue form."""
    for key in ("name", "description", "body"):
        if not form.get(key):
            yield f"expected {key!r}, received none"
    fields = [field for field in form.get("body", []) if field["type"] != "markdown"]
    ids = [field.get("id") for field in fields]
    labels = [field.get("attributes", {}).get("label") for field in fields]
    if not fields or None in ids or len(set(ids)) < len(ids):
        yield f"expected fields with ids that differ, received {ids}"
    if None in labels or len(set(labels)) < len(labels):
        yield f"expected labels that differ, received {labels}"
    for field in fields:
        if field["type"] not in INPUTS:
            yield f"expected a type of {sorted(INPUTS)}, received {field['type']!r}"
        if field["type"] == "dropdown" and not field["attributes"].get("options"):
            yield f"expected options of {field['id']}, received none"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_valid(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(form_problems(form)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda form: form.pop("description"),
        lambda form: form.update(body=[]),
        lambda form: form["body"][0].pop("id"),
        lambda form: form["body"][0].update(id=form["body"][1]["id"]),
        lambda form: form["body"][0]["attributes"].pop("label"),
        lambda form: form["body"][0].update(type="text"),
        lambda form: form["body"][2]["attributes"].pop("options"),
    ],
)
def test_a_broken_form_is_seen(change: Callable[[dict[str, Any]], Any]) -> None:
    path = ROOT / ".github/ISSUE_TEMPLATE/cell-fails.yml"
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["body"][2]["type"] == "dropdown"
    change(form)
    assert list(form_problems(form))


def test_who_reports_a_cell_is_asked_for_the_doctor() -> None:
    path = ROOT / ".github/ISSUE_TEMPLATE/cell-fails.yml"
    fields = yaml.safe_load(path.read_text(encoding="utf-8"))["body"]
    (doctor,) = [field for field in fields if field["id"] == "doctor"]
    assert "sidebyside doctor --json" in doctor["attributes"]["description"]
    assert doctor["attributes"]["render"] == "json"
    assert doctor["validations"]["required"] is True


def test_every_chapter_gets_its_faults_once_a_week() -> None:
    text = (ROOT / ".github/workflows/weekly.yml").read_text(encoding="utf-8")
    shards = yaml.safe_load(text)["jobs"]["faults"]["strategy"]["matrix"]["chapters"]
    named = sorted(number for shard in shards for number in shard.split(" or "))
    assert named == sorted(path.name[:2] for path in ROOT.glob("chapters/[0-9]*.ipynb"))
