"""What the path costs besides storage, beside a bare axum server that answers a constant document."""

import shutil

from .. import pairs, servers, traffic
from ..places import WORK
from .ingest_postgres import helper_python


def add(parser):
    """Options."""
    parser.add_argument("--load-connections", type=int, default=64, help="connections of each candidate")


def run(options):
    """The report."""
    requests = traffic.file(WORK, options.requests, python=helper_python())
    repeated = traffic.file(WORK, 2_000, python=helper_python())
    folder = WORK / "without-storage"
    shutil.rmtree(folder, ignore_errors=True)
    environment = {"MCCC_DATA_DIR": str(folder)}
    servers.import_businesses(environment, traffic.number_of)

    def turn(start, file):
        def go():
            with start() as server:
                servers.load(server, file, options.load_connections, seconds=1)
                result = servers.load(server, file, options.load_connections, seconds=options.seconds)
            return {"rate": result["rate"], "p99_ms": result["p99_ms"]}

        return go

    figures = pairs.rounds(
        {
            "axum-hello": turn(lambda: servers.axum("hello"), requests),
            "axum-signature": turn(lambda: servers.axum("signature"), requests),
            "mccc-read-only": turn(lambda: servers.serve(environment, "web"), repeated),
        },
        options.rounds,
    )
    ratio = lambda ours, theirs: pairs.ratio(figures, ours, theirs, "rate")
    return [
        f"### The path without a commit, {options.load_connections} connections",
        "",
        "The product takes calls that it has answered before: signature, parsing, routing and TwiML as for a new call,",
        "and one look into SQLite instead of a commit.",
        "",
        pairs.HEAD,
        pairs.row("requests/s, mccc on known calls / axum hello", ratio("mccc-read-only", "axum-hello"), 0.6),
        pairs.row("requests/s, mccc on known calls / axum signature", ratio("mccc-read-only", "axum-signature")),
        pairs.row("requests/s, axum signature / axum hello", ratio("axum-signature", "axum-hello")),
    ]
