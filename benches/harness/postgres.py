"""A private, fully durable Postgres on a free port of the loopback."""

import os
import pwd
import shutil
import subprocess

from .places import WORK, free_port, postgres_programs, say, slowed

SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
random_page_cost = 1.1
log_min_messages = warning
"""


class Postgres:
    """A running cluster; its files stay for the next time."""

    def __init__(self, slow_us=0, folder=WORK / "postgres"):
        self.programs, self.port = postgres_programs(), free_port()
        self.folder = folder
        # The server refuses to run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.slow_us = slow_us

    def __enter__(self):
        if not (self.folder / "PG_VERSION").exists():
            say("making a Postgres cluster …")
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, mode=0o700)
            if self.user:
                account = pwd.getpwnam("postgres")
                os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._run("initdb", "-D", self.folder, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            with open(self.folder / "postgresql.conf", "a", encoding="utf-8") as file:
                file.write(SETTINGS)
        options = f"-p {self.port} -k {self.folder}"
        log = self.folder / "server.log"
        self._run("pg_ctl", "-D", self.folder, "-w", "-l", log, "-o", options, "start", **slowed(self.slow_us))
        found = self.ask("SELECT 1 FROM pg_database WHERE datname = 'mccc'", database="postgres")
        if not found:
            self.ask("CREATE DATABASE mccc", database="postgres")
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", self.folder, "-w", "-m", "fast", "stop")

    def _run(self, program, *arguments, **environment):
        # The shim reaches the server through `env`, because runuser starts with a clean environment.
        extra = ["env", *(f"{name}={value}" for name, value in environment.items())] if environment else []
        command = [*self.user, *extra, self.programs / program, *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def url(self, user="owner"):
        """The address of the database."""
        return f"postgres://{user}@127.0.0.1:{self.port}/mccc"

    def ask(self, *statements, database="mccc"):
        """Runs statements and returns what they print."""
        command = [self.programs / "psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-U", "owner", "-d", database]
        for statement in statements:
            command += ["-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def load(self, file):
        """Runs a file of statements."""
        command = [self.programs / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-f", file, self.url()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def bench(self, script, clients, seconds):
        """Runs a pgbench script; returns transactions per second and their mean time."""
        command = [self.programs / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)]
        command += ["-f", script, self.url()]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"pgbench failed:\n{done.stderr[-2000:]}")
        text = done.stdout
        rate = next(line.split()[2] for line in text.splitlines() if line.startswith("tps ="))
        mean = next(line.split()[3] for line in text.splitlines() if line.startswith("latency average"))
        return {"rate": float(rate), "mean_ms": float(mean)}
