"""Servers under load: started for their turn, measured, ended."""

import http.client
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from . import places
from .places import ACCOUNT, BENCHES, PUBLIC_URL, TOKEN, VOICE, WORK, free_port, product, tool

NUMBERS = 2000


class Server:
    """A process that answers on a port of the loopback, in a group of its own."""

    def __init__(self, command, environment, ready="/healthz"):
        self.port = free_port()
        self.command = [str(part).replace("{port}", str(self.port)) for part in command]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("MCCC_")}
        self.environment = {**plain, "PORT": str(self.port), **environment}
        self.ready = ready

    def __enter__(self):
        self.log = open(WORK / "server.log", "w", encoding="utf-8")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=self.log, stderr=self.log, start_new_session=True
        )
        if self.ready:
            self.wait()
        return self

    def wait(self, patience=60):
        """Until it answers."""
        while time.monotonic() < self.started + patience:
            if self.process.poll() is not None:
                break
            try:
                if self.get(self.ready)[0] == 200:
                    return
            except OSError:
                time.sleep(0.02)
        log = Path(self.log.name).read_text(encoding="utf-8")[-2000:]
        self.__exit__()
        raise RuntimeError(f"{self.command[0]} does not answer:\n{log}")

    def get(self, path):
        """Status and body of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def memory(self):
        """Resident megabytes now and at the most, over all processes of the group."""
        now = most = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                if os.getpgid(int(status.parent.name)) != self.process.pid:
                    continue
                text = status.read_text(encoding="utf-8")
                now += int(re.search(r"VmRSS:\s+(\d+)", text)[1])
                most += int(re.search(r"VmHWM:\s+(\d+)", text)[1])
            except (OSError, TypeError):
                continue
        return now / 1024, most / 1024

    def kill(self):
        """As a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


def load(server, requests, connections, seconds):
    """Sends signed calls with wrk for a time; returns the rate and percentiles. Any answer but a document is a failed
    measurement."""
    command = _wrk(server, connections, seconds)
    environment = {**os.environ, "SIGNED": str(requests)}
    text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    result = _checked(text)
    result["rate"] = result["answers"] / result["seconds"]
    return result


def load_exactly(server, requests, connections, count):
    """Sends the first `count` signed calls."""
    environment = {**os.environ, "SIGNED": str(requests), "EXACTLY": str(count)}
    with subprocess.Popen(
        _wrk(server, connections, 3600), env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        lines = iter(process.stdout.readline, "")
        text = next((line for line in lines if line.startswith("{")), "")
        process.kill()
    _checked(text)


def _wrk(server, connections, seconds):
    wrk = tool("wrk", "apt-get install wrk")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    return [*command, "-s", str(BENCHES / "harness" / "replay.lua"), f"http://127.0.0.1:{server.port}{VOICE}"]


def _checked(text):
    result = json.loads(text.splitlines()[-1])
    if result["bad"]:
        raise RuntimeError(f"{result['bad']} of {result['answers']} answers were not documents")
    return result


def settings(**more):
    """The product's settings, those of a fresh process."""
    return {
        "MCCC_PUBLIC_URL": PUBLIC_URL,
        "MCCC_TWILIO_ACCOUNT_SID": ACCOUNT,
        "MCCC_TWILIO_AUTH_TOKEN": TOKEN,
        "MCCC_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "MCCC_LOG": "error",
        **more,
    }


def serve(environment, role="all"):
    """The product."""
    command = [product(), "serve", "--listen", "127.0.0.1:{port}", "--role", role]
    return Server(command, settings(**environment))


def import_businesses(environment, number_of):
    """Two thousand businesses with a number each, brought in with the product's own command; `number_of` names the
    number of the business with an index."""
    file = WORK / "businesses.toml"
    entry = '[[business]]\nnumbers = ["{}"]\n[business.profile]\nname = "Business {}"\nzone = "America/Chicago"\n'
    entry += 'trade = "plumbing"\n[business.schedule]\nafter_hours_default = "auto_text_only"\n'
    file.write_text("\n".join(entry.format(number_of(n), n) for n in range(NUMBERS)), encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MCCC_")}
    command = [product(), "business", "import", file]
    done = subprocess.run(command, env={**plain, **settings(**environment)}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"business import failed:\n{done.stdout}{done.stderr}")


def axum(mode):
    """The bare server."""
    return Server([places.axum_peer(), mode, "{port}", PUBLIC_URL, TOKEN], {})


def _peer(url, **more):
    documents = BENCHES / "peers" / "documents.json"
    return {"DATABASE_URL": url, "PUBLIC_URL": PUBLIC_URL, "AUTH_TOKEN": TOKEN, "DOCUMENTS": str(documents), **more}


def node(url, processes=1):
    """The Node peer."""
    folder = places.node_peer()
    command = [tool("node", "install Node 20 or newer"), folder / "server.mjs"]
    return Server(command, _peer(url, PROCESSES=str(processes), NODE_ENV="production"))


def python(url):
    """The Python peer."""
    return Server([places.python_peer(), BENCHES / "peers" / "python" / "server.py"], _peer(url))
