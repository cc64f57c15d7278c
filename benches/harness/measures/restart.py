"""From the start of a killed process with waiting jobs to its first right answer, beside the bare server."""

import http.client
import shutil
import time

from .. import pairs, servers, traffic
from ..fake_twilio import FakeTwilio
from ..places import VOICE, WORK
from .ingest_postgres import helper_python


def add(parser):
    """Options."""
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs that wait when the process is killed")


def first_answer(server, signature, body, expected):
    """Milliseconds from the start of the process to the first right document."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Twilio-Signature": signature,
        "Host": "mccc.example.test",
    }
    while time.monotonic() < server.started + 60:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            connection.request("POST", VOICE, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status == 200 and expected in text:
                return (time.monotonic() - server.started) * 1000
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.001)
    raise RuntimeError("no right answer within a minute")


def run(options):
    """The report."""
    waiting = traffic.file(WORK, options.jobs, python=helper_python())
    fresh = list(traffic.signed(options.rounds, first=9_000_000))
    folder = WORK / "restart"
    shutil.rmtree(folder, ignore_errors=True)
    with FakeTwilio() as gateway:
        environment = {"MCCC_DATA_DIR": str(folder), "MCCC_TWILIO_API_URL": gateway.url}
        servers.import_businesses(environment, traffic.number_of)
        with servers.serve(environment, "web") as server:
            servers.load_exactly(server, waiting, 64, options.jobs)
            server.kill()
        shutil.copytree(folder, folder.with_suffix(".kept"), dirs_exist_ok=True)
        turn = iter(fresh)

        def product():
            # Each time the same waiting jobs: what the last turn sent is put back.
            shutil.rmtree(folder)
            shutil.copytree(folder.with_suffix(".kept"), folder)
            server = servers.serve(environment, "all")
            server.ready = None
            with server:
                result = first_answer(server, *next(turn), "Business")
                server.kill()
            return {"ms": result}

        def bare():
            server = servers.axum("signature")
            server.ready = None
            with server:
                result = first_answer(server, *fresh[0], "Example Plumbing")
                server.kill()
            return {"ms": result}

        figures = pairs.rounds({"mccc": product, "axum-signature": bare}, options.rounds)
    shutil.rmtree(folder.with_suffix(".kept"))
    middle = sorted(round_["ms"] for round_ in figures["mccc"])
    return [
        f"### Restart after `kill -9` with {options.jobs:,} jobs waiting (SQLite)",
        "",
        pairs.HEAD,
        pairs.row("time to the first right answer, mccc / axum signature", pairs.ratio(figures, "mccc", "axum-signature", "ms")),
        "",
        f"The product answered after {middle[len(middle) // 2]:.0f} ms ({middle[0]:.0f}–{middle[-1]:.0f}).",
    ]
