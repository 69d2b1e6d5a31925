"""The command `sidebyside doctor`."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

import sidebyside
from sidebyside import report, versions
from sidebyside_book.cli import Commands
from sidebyside_book.doctor.checks import examine
from sidebyside_book.doctor.finding import Finding, pip_install
from sidebyside_book.doctor.stages import AT

MARKS = {"good": "ok  ", "look": "look", "bad": "BAD "}
AGREEMENT = "the three frameworks"
_TIMEOUT_S = 180
_REPORT = "sidebyside doctor --json"


def add_parser(commands: Commands) -> None:
    """Add the command to a larger one."""
    parser = commands.add_parser(
        "doctor",
        help="look at this machine: will the book work here?",
        description="Look at Python, packages, memory, disk and programs, and let the "
        "three frameworks agree on a small model. The exit status is 1 if something "
        "is bad. Put the output into a bug report (--json).",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine, print, and return the exit status."""
    findings = []
    for finding in examine():
        findings.append(finding)
        _say(finding, arguments.json)
    if not any(finding.state == "bad" for finding in findings):
        wait = f"...  {AGREEMENT}: training a small model in each, some 20 seconds"
        print(wait, file=sys.stderr, flush=True)
        findings.append(agreement())
        _say(findings[-1], arguments.json)
    if arguments.json:
        print(json.dumps(as_json(findings), indent=1))
    else:
        _conclude(findings)
    return int(not all_well(findings))


def all_well(findings: list[Finding]) -> bool:
    """Say whether the book will work: nothing is bad."""
    return not any(finding.state == "bad" for finding in findings)


def as_json(findings: list[Finding]) -> dict[str, Any]:
    """Return all that a bug report needs, as JSON types."""
    collected = report.collect()
    return {
        "schema": 1,
        "well": all_well(findings),
        "date": collected["date"],
        "sidebyside": sidebyside.__version__,
        "python": collected["python"],
        "versions": collected["versions"],
        "machine": collected["machine"],
        "findings": [asdict(finding) for finding in findings],
    }


def agreement() -> Finding:
    """Let the frameworks agree on a small model, in a process of its own."""
    started = time.perf_counter()
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "sidebyside_book.doctor.stages"],
            env={"KERAS_BACKEND": "tensorflow", **os.environ},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        seen = f"no answer after {_TIMEOUT_S} s"
        return Finding(AGREEMENT, seen, "bad", _REPORT)
    took = time.perf_counter() - started
    if ran.returncode:
        return broken(ran.returncode, ran.stdout, ran.stderr)
    return Finding(AGREEMENT, f"agree on a small model, after {took:.0f} s")


def broken(status: int, out: str, err: str) -> Finding:
    """Return what broke, from how the process ended.

    Args:
        status: Of its exit; below 0, the signal that ended it.
        out: What it printed: where it was, stage by stage.
        err: What it said last, in a line, is the reason.
    """
    stages = [line[len(AT) :] for line in out.splitlines() if line.startswith(AT)]
    stage = stages[-1] if stages else "start"
    said = err.strip().splitlines() or ["no message"]
    why = f"died of {signal.Signals(-status).name}" if status < 0 else said[-1]
    if stage in versions.OLDEST:
        version = versions.installed(stage) or "unknown"
        mend = pip_install(f"--force-reinstall {stage}=={version.split('+')[0]}")
        return Finding(stage, f"{version}, import fails: {why}", "bad", mend)
    return Finding(AGREEMENT, f"do not agree: {why}", "bad", _REPORT)


def _conclude(findings: list[Finding]) -> None:
    """Print what to do next."""
    if all_well(findings):
        print("\nThe book will work here.")
        return
    bad = (finding for finding in findings if finding.state == "bad")
    lines = (f"  {finding.what}: {finding.mend}" for finding in bad)
    print("\nFirst mend this:", *lines, sep="\n")


def _say(finding: Finding, quietly: bool) -> None:
    if quietly:
        return
    mend = f"   -> {finding.mend}" if finding.mend else ""
    print(f"{MARKS[finding.state]} {finding.what}: {finding.found}{mend}", flush=True)
