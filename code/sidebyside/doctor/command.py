"""The command `sidebyside doctor`."""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict

from sidebyside.doctor.checks import Finding, examine

MARKS = {"good": "ok  ", "look": "look", "bad": "BAD "}
AGREEMENT = "the three frameworks"
_TIMEOUT_S = 180


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
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
        findings.append(agreement())
        _say(findings[-1], arguments.json)
    bad = [finding for finding in findings if finding.state == "bad"]
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    elif bad:
        print(
            "\nFirst mend this:",
            *(f"  {one.what}: {one.mend}" for one in bad),
            sep="\n",
        )
    else:
        print("\nThe book will work here.")
    return int(bool(bad))


def agreement() -> Finding:
    """Let the frameworks agree on a small model, in a process of its own."""
    started = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "sidebyside.doctor.agreement"],
        env={"KERAS_BACKEND": "tensorflow", **os.environ},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    took = time.perf_counter() - started
    if ran.returncode:
        last = ran.stderr.strip().splitlines() or ["no message"]
        mend = "make book, in a fresh clone; if that fails, report it with this text"
        return Finding(AGREEMENT, f"do not agree: {last[-1]}", "bad", mend)
    return Finding(AGREEMENT, f"agree on a small model, after {took:.0f} s")


def _say(finding: Finding, quietly: bool) -> None:
    if quietly:
        return
    mend = f"   -> {finding.mend}" if finding.mend else ""
    print(f"{MARKS[finding.state]} {finding.what}: {finding.found}{mend}", flush=True)
