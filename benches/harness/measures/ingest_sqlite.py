"""Calls made durable in SQLite: the store's own measurement, on the disk as it is and with slow flushes."""

import os
import subprocess

from ..places import ROOT, TARGET, Missing, slowed


def add(parser):
    """Options."""
    parser.add_argument("--clients", type=int, default=128, help="callers that wait at the same moment")


def run(options):
    """The report."""
    build = ["cargo", "build", "--release", "--quiet", "-p", "mccc-store-sqlite", "--example", "sqlite_ingest"]
    if subprocess.run(build, cwd=ROOT).returncode:
        raise Missing("the example sqlite_ingest of mccc-store-sqlite cannot be built")
    program = TARGET / "release" / "examples" / "sqlite_ingest"
    lines = []
    slow = options.slow_sync_us or 2000
    for title, microseconds in (("the disk as it is", 0), (f"every flush ≥ {slow / 1000:g} ms", slow)):
        command = [program, str(options.rounds), str(options.seconds), str(options.clients)]
        environment = {**os.environ, **slowed(microseconds)}
        text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        lines += [f"### Calls made durable in SQLite, {title}", "", *text.splitlines(), ""]
    lines.append("Goals: `FULL` grouped ≥ 10 × one commit per call with slow flushes, ≥ 0.8 × `NORMAL` on the disk as it is.")
    return lines
