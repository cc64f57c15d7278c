"""Calls made durable in Postgres over HTTP, beside a pgbench script and what one would write in Node or Python."""

import time

from .. import pairs, servers, traffic
from ..places import BENCHES, WORK, Missing, say
from ..postgres import Postgres

SCRIPT = BENCHES / "peers" / "pgbench" / "intake.sql"
TABLES = ("missed_calls", "feed_events", "jobs")
PATIENCE = 30


def add(parser):
    """Options."""
    parser.add_argument("--connections", type=int, default=128, help="connections or clients of each candidate")
    parser.add_argument("--peers", default="pgbench,node,python", help="which references to run beside the product")
    parser.add_argument("--role", default="web", help="role of the product; `all` makes it send texts meanwhile")
    parser.add_argument("--without-product", action="store_true", help="the references alone")


def product_settings(database):
    """The product on this cluster: the owner migrates, a login without any rights of its own serves."""
    login = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mccc_login') THEN "
    database.ask(login + "CREATE ROLE mccc_login LOGIN; END IF; END $$")
    data = WORK / "postgres-product"
    return {
        "MCCC_DATABASE_URL": database.url("mccc_login"),
        "MCCC_DATABASE_OWNER_URL": database.url(),
        "MCCC_DATA_DIR": str(data),
    }


def run(options):
    """The report."""
    requests = traffic.file(WORK, options.requests, python=helper_python())
    with Postgres(options.slow_sync_us) as database:
        database.load(BENCHES / "peers" / "pgbench" / "schema.sql")
        # Calls of their own: the product remembers what it has answered, and the tables are emptied behind its back.
        warm = traffic.file(WORK, 20_000, first=10_000_000, python=helper_python())
        candidates = {}
        peers = options.peers.split(",")
        if not options.without_product:
            database.ask("DROP SCHEMA IF EXISTS mccc CASCADE")
            environment = product_settings(database)
            servers.import_businesses(environment, traffic.number_of)
            candidates["mccc"] = over_http(
                database, "mccc", lambda: servers.serve(environment, options.role), warm, requests, options
            )
        if "pgbench" in peers:
            candidates["pgbench-3stmt"] = by_hand(database, options)
        for name, start in (("node", servers.node), ("python", servers.python)):
            if name in peers:
                url = database.url()
                candidates[name] = over_http(database, "peers", lambda start=start: start(url), warm, requests, options)
        figures = pairs.rounds(candidates, options.rounds)
    return report(figures, options)


def helper_python():
    """An interpreter with Twilio's helper if the Python peer can be installed, this one otherwise."""
    import sys

    from ..places import python_peer

    try:
        return python_peer()
    except Missing as reason:
        say(str(reason))
        return sys.executable


def emptied(database, schema):
    """Every turn begins with empty tables and a fresh checkpoint."""
    tables = ", ".join(f"{schema}.{table}" for table in TABLES)
    database.ask(f"TRUNCATE {tables}", "CHECKPOINT")


def over_http(database, schema, start, warm, requests, options):
    """A server's turn."""

    def turn():
        emptied(database, schema)
        with start() as server:
            servers.load(server, warm, options.connections, seconds=1)
            emptied(database, schema)
            result = servers.load(server, requests, options.connections, seconds=options.seconds)
            if result["answers"] > options.requests:
                raise RuntimeError("the requests ran out and were repeated: raise --requests")
            late = all_stored(database, schema, result["answers"])
            return {
                "late": late,
                "rate": result["rate"],
                "p50_ms": result["p50_ms"],
                "p99_ms": result["p99_ms"],
                "peak_mb": server.memory()[1],
            }

    return turn


def all_stored(database, schema, answers):
    """Waits until every answered call is stored with its job; returns how many were not at once. The product answers a
    caller after 800 ms even if the database has not, keeps the call on its own disk and brings it in afterwards."""
    late, patience = None, time.monotonic() + PATIENCE
    while True:
        stored = int(database.ask(f"SELECT count(*) FROM {schema}.missed_calls"))
        jobs = int(database.ask(f"SELECT count(*) FROM {schema}.jobs WHERE kind = 'auto_text'"))
        missing = max(answers - min(stored, jobs), 0)
        late = missing if late is None else late
        if not missing:
            return late
        if time.monotonic() > patience:
            raise RuntimeError(f"{answers} calls were answered, {stored} stored with {jobs} jobs")
        time.sleep(0.2)


def by_hand(database, options):
    """The pgbench script's turn."""

    def turn():
        emptied(database, "peers")
        return database.bench(SCRIPT, options.connections, options.seconds)

    return turn


GOALS = {"pgbench-3stmt": 2.5, "node": 5, "python": 8}


def report(figures, options):
    """Lines of Markdown."""
    slow = f"every flush ≥ {options.slow_sync_us / 1000:g} ms" if options.slow_sync_us else "the disk as it is"
    lines = [f"### Calls made durable in Postgres, {options.connections} connections, {slow}", "", pairs.HEAD]
    if "mccc" in figures:
        for name, goal in GOALS.items():
            if name in figures:
                lines.append(pairs.row(f"calls/s, mccc / {name}", pairs.ratio(figures, "mccc", name, "rate"), goal))
        if "node" in figures:
            ratio = pairs.ratio(figures, "mccc", "node", "p99_ms")
            lines.append(pairs.row("p99, mccc / node", ratio, 0.4, at_most=True))
            ratio = pairs.ratio(figures, "mccc", "node", "peak_mb")
            lines.append(pairs.row("peak memory, mccc / node", ratio, 0.5, at_most=True))
    for name in ("node", "python"):
        if name in figures and "pgbench-3stmt" in figures:
            ratio = pairs.ratio(figures, name, "pgbench-3stmt", "rate")
            lines.append(pairs.row(f"calls/s, {name} / pgbench-3stmt", ratio))
    if "mccc" in figures:
        late = sum(turn["late"] for turn in figures["mccc"])
        lines += ["", f"Calls of the product that were answered before the database had them: {late}."]
    return lines
