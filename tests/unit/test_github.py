"""What runs on GitHub may do little, ends some day, and calls only what there is.

That it is valid and pinned, and lets in no text from outside, is what zizmor and the
schemas of `make lint` see to.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shards
import yaml

from sidebyside_book.machines.settings import SETTINGS

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
DEPLOYS = "actions/deploy-pages@"
MAX_MINUTES = 60

Problems = Iterator[str]


def jobs(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return list(workflow["jobs"].values())


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in jobs(workflow) for step in job["steps"]]


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


RULES = (permissions, limits, credentials, scripts)
BREAKS = {
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


def test_every_setting_of_another_machine_has_its_turn_in_the_week() -> None:
    path = ROOT / ".github/workflows/weekly.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["machines"]["strategy"]["matrix"]
    named = " ".join(matrix["settings"]).split()
    assert sorted(named) == sorted(setting.name for setting in SETTINGS)


def test_who_reports_a_cell_is_asked_for_the_doctor() -> None:
    path = ROOT / ".github/ISSUE_TEMPLATE/cell-fails.yml"
    fields = yaml.safe_load(path.read_text(encoding="utf-8"))["body"]
    (doctor,) = [field for field in fields if field["id"] == "doctor"]
    assert "sidebyside doctor --json" in doctor["attributes"]["description"]
    assert doctor["attributes"]["render"] == "json"
    assert doctor["validations"]["required"] is True


def test_every_chapter_gets_its_faults_once_a_week() -> None:
    text = (ROOT / ".github/workflows/weekly.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)["jobs"]
    outputs = workflow["shards"]["outputs"]
    assert outputs == {"names": "${{ steps.shards.outputs.names }}"}
    (step,) = [s for s in workflow["shards"]["steps"] if s.get("id") == "shards"]
    command = re.fullmatch(
        r'echo "names=\$\((.ci/shards.py \d+)\)" >>"\$GITHUB_OUTPUT"', step["run"]
    )
    names = json.loads(subprocess.check_output(command[1].split(), cwd=ROOT, text=True))
    chapters = [path.stem for path in ROOT.glob("chapters/[0-9]*.ipynb")]
    shared = [chapter for name in names for chapter in shards.of(name, chapters)]
    assert sorted(shared) == sorted(chapters)
    faults = workflow["faults"]
    matrix = {"shard": "${{ fromJSON(needs.shards.outputs.names) }}"}
    assert (faults["needs"], faults["strategy"]["matrix"]) == ("shards", matrix)
    assert faults["env"]["SHARD"] == "${{ matrix.shard }}"
    assert faults["env"]["EVERY"] == 1


def test_no_workflow_names_a_chapter() -> None:
    """A new chapter is found; none of these files is to be changed for it."""
    numbers = "|".join(path.name[:2] for path in ROOT.glob("chapters/[0-9]*.ipynb"))
    for path in [*WORKFLOWS, *(ROOT / ".ci").glob("[a-z]*")]:
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            code = [line for line in lines if not line.lstrip().startswith(("#", "`"))]
            named = re.findall(rf"(?<![\d.:-])({numbers})(_|\*| or )", "\n".join(code))
            assert not named, f"{path.name}: expected no chapter's number, {named}"


CACHES = [
    step
    for path in WORKFLOWS
    for job in jobs(yaml.safe_load(path.read_text(encoding="utf-8")))
    for step in job["steps"]
    if "passed-" in str(step.get("with", {}).get("key", ""))
]


def test_what_passed_is_kept_from_run_to_run() -> None:
    restored = [step for step in CACHES if "actions/cache/restore@" in step["uses"]]
    saved = [step for step in CACHES if "actions/cache/save@" in step["uses"]]
    assert len(restored) == len(saved) == len(CACHES) // 2 > 0
    assert len({step["with"]["path"] for step in CACHES}) == 1, "or none is found"
    for before, after in zip(restored, saved, strict=True):
        key = after["with"]["key"]
        assert key == before["with"]["key"]
        assert key.endswith("-${{ github.run_id }}"), "a key is written once"
        first = before["with"]["restore-keys"].splitlines()[0]
        assert key == f"{first}${{{{ github.run_id }}}}"
        assert after["if"] == "${{ !cancelled() }}", "what passed in a run that failed"
