"""Resident memory after few and after many webhooks on both stores, and the peak beside the Node peer."""

import shutil
from contextlib import nullcontext

from .. import pairs, servers, traffic
from ..places import BENCHES, WORK, Missing, say
from ..postgres import Postgres
from .ingest_postgres import helper_python, product_settings

CHUNK = 100_000


def add(parser):
    """Options."""
    parser.add_argument("--webhooks", type=int, default=1_000_000, help="webhooks of the long run; the short one is a tenth")
    parser.add_argument("--memory-stores", default="sqlite,postgres", help="stores of the product to measure")
    parser.add_argument("--no-node", action="store_true", help="leave out the Node peer")


def fed(server, count, at):
    """Feeds calls of their own and returns the memory at the points of `at`, then the peak."""
    points, chunk = {}, min(CHUNK, min(at))
    for first in range(0, count, chunk):
        file = traffic.file(WORK, chunk, first=20_000_000 + first, python=helper_python())
        servers.load_exactly(server, file, 64, chunk)
        file.unlink()
        now = server.memory()[0]
        say(f"  {first + chunk:,} webhooks: {now:.0f} MB")
        if first + chunk in at:
            points[first + chunk] = now
    return points, server.memory()[1]


def product(store, many, few):
    """The memory of the product with a store of its own; the one in the database's process is not counted."""
    folder = WORK / "memory"
    shutil.rmtree(folder, ignore_errors=True)
    with Postgres() if store == "postgres" else nullcontext() as database:
        environment = {"MCCC_DATA_DIR": str(folder)}
        if database:
            database.ask("DROP SCHEMA IF EXISTS mccc CASCADE")
            environment = product_settings(database)
        servers.import_businesses(environment, traffic.number_of)
        with servers.serve(environment, "web") as server:
            result = fed(server, many, {few, many})
    shutil.rmtree(folder, ignore_errors=True)
    return result


def run(options):
    """The report."""
    many, few = options.webhooks, options.webhooks // 10
    stores = options.memory_stores.split(",")
    ours = {store: product(store, many, few) for store in stores}
    theirs = None
    if not options.no_node:
        try:
            with Postgres() as database:
                database.load(BENCHES / "peers" / "pgbench" / "schema.sql")
                with servers.node(database.url()) as node:
                    _, theirs = fed(node, few, {few})
        except Missing as reason:
            say(str(reason))
    lines = [f"### Memory after {many:,} webhooks", "", pairs.HEAD]
    for store, (points, peak) in ours.items():
        grown = points[many] / points[few]
        what = f"resident after {many:,} / after {few:,}, {store}"
        lines.append(pairs.row(what, (grown, grown, grown), 1.2, at_most=True))
        if theirs:
            ratio = peak / theirs
            what = f"peak, mccc with {store} after {many:,} / node after {few:,}"
            lines.append(pairs.row(what, (ratio, ratio, ratio), 0.5, at_most=True))
    lines += ["", "SQLite runs inside the product; the Node peer's database is a process of its own, as the product's Postgres is."]
    return lines
