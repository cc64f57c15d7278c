"""Call pages and 30-day totals among millions of calls in Postgres, beside `SELECT 1` in the same kind of transaction."""

import os
import subprocess

from ..places import ROOT, TARGET, WORK, Missing
from ..postgres import Postgres


def add(parser):
    """Options."""
    parser.add_argument("--stored-calls", type=int, default=5_000_000, help="calls of all businesses; a tenth in the smaller schema")


def run(options):
    """The report. The calls stay in the cluster; filling it takes minutes the first time."""
    build = ["cargo", "build", "--release", "--quiet", "-p", "mccc-store-postgres", "--example", "postgres_pages"]
    if subprocess.run(build, cwd=ROOT).returncode:
        raise Missing("the example postgres_pages of mccc-store-postgres cannot be built")
    program = TARGET / "release" / "examples" / "postgres_pages"
    with Postgres(folder=WORK / "postgres-pages") as database:
        command = [program, str(options.rounds), str(options.stored_calls)]
        environment = {**os.environ, "DATABASE_URL": database.url()}
        text = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [
        f"### Call pages and totals among {options.stored_calls:,} calls of 2,000 businesses",
        "",
        "The large business has a fifth of the calls, the typical one 2,000.",
        "",
        *text.splitlines(),
        "",
        "Goals: pages ≤ 3 × and totals ≤ 4 × `SELECT 1` in a transaction that names the business; many / few calls ≤ 1.3.",
    ]
