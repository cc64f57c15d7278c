"""From a call's arrival to its text at the gateway, at a steady rate of calls."""

import asyncio
import shutil
import time
from urllib.parse import parse_qs

from .. import servers, traffic
from ..fake_twilio import FakeTwilio
from ..places import VOICE, WORK

LATEST_SECONDS = 10


def add(parser):
    """Options."""
    parser.add_argument("--calls-per-second", type=int, default=50)
    parser.add_argument("--calls", type=int, default=1500, help="calls in all")


async def send(port, signature, body):
    """One call on a connection of its own; returns the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {VOICE} HTTP/1.1\r\nHost: mccc.example.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    head += f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write((head + body).encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def steadily(port, calls, rate):
    """Calls at their due times, whether or not earlier ones were answered; returns when each was sent."""
    sent, tasks, begin = {}, [], time.monotonic()
    for index, (signature, body) in enumerate(calls):
        await asyncio.sleep(max(0, begin + index / rate - time.monotonic()))
        sent[parse_qs(body)["From"][0]] = time.monotonic()
        tasks.append(asyncio.create_task(send(port, signature, body)))
    refused = [status for status in await asyncio.gather(*tasks) if status != 200]
    if refused:
        raise RuntimeError(f"{len(refused)} calls were not answered")
    return sent


def run(options):
    """The report."""
    calls = list(traffic.signed(options.calls, first=30_000_000))
    folder = WORK / "text-delay"
    shutil.rmtree(folder, ignore_errors=True)
    with FakeTwilio() as gateway:
        environment = {"MCCC_DATA_DIR": str(folder), "MCCC_TWILIO_API_URL": gateway.url}
        servers.import_businesses(environment, traffic.number_of)
        with servers.serve(environment) as server:
            sent = asyncio.run(steadily(server.port, calls, options.calls_per_second))
            deadline = time.monotonic() + 60
            while len(gateway.arrived) < len(sent) and time.monotonic() < deadline:
                time.sleep(0.1)
        delays = sorted(gateway.arrived[to] - at for to, at in sent.items() if to in gateway.arrived)
    missing = len(sent) - len(delays)
    late = sum(delay > LATEST_SECONDS for delay in delays) + missing
    if not delays:
        raise RuntimeError("no text arrived at the gateway")
    at = lambda share: delays[min(len(delays) - 1, int(len(delays) * share))] * 1000
    return [
        f"### From a call to its text at the gateway, {options.calls_per_second} calls/s, {len(sent):,} calls (SQLite)",
        "",
        "| p50 | p99 | greatest | later than 10 s | never | twice | goal |",
        "|---|---|---|---|---|---|---|",
        f"| {at(0.5):.0f} ms | {at(0.99):.0f} ms | {delays[-1] * 1000:.0f} ms | {late - missing} | {missing} | "
        f"{gateway.repeated} | every text within 10 s · {'met' if not late and not gateway.repeated else '**missed**'} |",
    ]
