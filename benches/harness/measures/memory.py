"""Resident memory after few and after many webhooks, and the peak beside the Node peer."""

import shutil

from .. import pairs, servers, traffic
from ..places import BENCHES, WORK, Missing, say
from ..postgres import Postgres
from .ingest_postgres import helper_python

CHUNK = 100_000


def add(parser):
    """Options."""
    parser.add_argument("--webhooks", type=int, default=1_000_000, help="webhooks of the long run; the short one is a tenth")
    parser.add_argument("--no-node", action="store_true", help="leave out the Node peer")


def fed(server, count, at):
    """Feeds calls of their own and returns the memory at the points of `at`, then the peak."""
    points, chunk = {}, min(CHUNK, min(at))
    for first in range(0, count, chunk):
        file = traffic.file(WORK, chunk, first=20_000_000 + first, python=helper_python())
        servers.load_exactly(server, file, 64, chunk)
        file.unlink()
        if first + chunk in at:
            points[first + chunk] = server.memory()[0]
            say(f"  {first + chunk:,} webhooks: {points[first + chunk]:.0f} MB")
    return points, server.memory()[1]


def run(options):
    """The report."""
    many, few = options.webhooks, options.webhooks // 10
    folder = WORK / "memory"
    shutil.rmtree(folder, ignore_errors=True)
    environment = {"MCCC_DATA_DIR": str(folder)}
    servers.import_businesses(environment, traffic.number_of)
    with servers.serve(environment, "web") as server:
        points, peak = fed(server, many, {few, many})
    shutil.rmtree(folder)
    grown = points[many] / points[few]
    lines = [f"### Memory after {many:,} webhooks (SQLite)", "", pairs.HEAD]
    lines.append(pairs.row(f"resident after {many:,} / after {few:,}", (grown, grown, grown), 1.2, at_most=True))
    if not options.no_node:
        try:
            with Postgres() as database:
                database.load(BENCHES / "peers" / "pgbench" / "schema.sql")
                with servers.node(database.url()) as node:
                    _, theirs = fed(node, few, {few})
            ratio = peak / theirs
            lines.append(pairs.row(f"peak, mccc after {many:,} / node after {few:,}", (ratio, ratio, ratio), 0.5, at_most=True))
        except Missing as reason:
            say(str(reason))
    return lines
