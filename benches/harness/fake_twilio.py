"""The part of Twilio's API that takes texts: answers every send as accepted and notes when it came."""

import asyncio
import json
import threading
import time
from urllib.parse import parse_qs


class FakeTwilio:
    """Takes texts on a port of the loopback, in a thread of its own."""

    def __init__(self):
        self.arrived, self.loop, self.port = {}, asyncio.new_event_loop(), None
        self.repeated = 0

    def __enter__(self):
        up = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(up,), daemon=True)
        self.thread.start()
        up.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    @property
    def url(self):
        """The base address to give to the product."""
        return f"http://127.0.0.1:{self.port}"

    def _run(self, up):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=512))
        self.port = server.sockets[0].getsockname()[1]
        up.set()
        self.loop.run_forever()

    async def _connection(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")
                length = next((int(l.split(":")[1]) for l in lines if l.lower().startswith("content-length:")), 0)
                body = (await reader.readexactly(length)).decode()
                writer.write(self._answer(lines[0], body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, first, body):
        method, target, _ = first.split(" ")
        if method == "POST" and target.endswith("/Messages.json"):
            return _json(201, self._message({name: values[0] for name, values in parse_qs(body).items()}))
        if method == "GET" and "/Messages.json" in target:
            return _json(200, {"messages": [], "next_page_uri": None, "page": 0, "page_size": 50})
        return _json(404, {"code": 20404, "message": "not found", "status": 404})

    def _message(self, form):
        to = form["To"]
        if to in self.arrived:
            self.repeated += 1
        self.arrived.setdefault(to, time.monotonic())
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        return {
            "account_sid": "AC" + "a" * 32,
            "api_version": "2010-04-01",
            "body": form.get("Body", ""),
            "date_created": stamp,
            "date_sent": None,
            "date_updated": stamp,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": f"SM{len(self.arrived):032x}",
            "status": "queued",
            "to": to,
            "uri": f"/2010-04-01/Accounts/AC/Messages/SM{len(self.arrived):032x}.json",
        }


def _json(status, document):
    body = json.dumps(document).encode()
    reason = {200: "OK", 201: "Created", 404: "Not Found"}[status]
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
