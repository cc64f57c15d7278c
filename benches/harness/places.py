"""Where things are, and what is missing."""

import glob
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ROOT / "benches"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
WORK = Path(os.environ.get("MCCC_BENCH_WORK", TARGET / "bench"))
VENV = WORK / "py"
NODE = WORK / "node"

PUBLIC_URL = "https://mccc.example.test"
VOICE = "/webhooks/twilio/voice"
ACCOUNT = "AC" + "a" * 32
TOKEN = "0123456789abcdef0123456789abcdef"


def say(text):
    """Progress goes to standard error; standard output is the report."""
    print(text, file=sys.stderr, flush=True)


class Missing(Exception):
    """A measurement cannot be made because a tool is not there."""


def tool(name, remedy):
    """The path of a program, or a sentence about how to get it."""
    path = shutil.which(name)
    if path is None:
        raise Missing(f"{name} is not installed: {remedy}")
    return path


def postgres_programs():
    """The folder of the server's programs, which distributions keep off the search path."""
    if "PGBIN" in os.environ:
        return Path(os.environ["PGBIN"])
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if found:
        return Path(found[-1]).parent
    if shutil.which("initdb"):
        return Path(shutil.which("initdb")).parent
    raise Missing("PostgreSQL is not installed: apt-get install postgresql, or name its folder in PGBIN")


def free_port():
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def shim():
    """The library that makes every flush take a least time, compiled on first use."""
    library, source = WORK / "slow_sync.so", BENCHES / "harness" / "slow_sync.c"
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        compiler = tool("cc", "apt-get install gcc")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


def slowed(microseconds):
    """Environment of a process whose flushes take at least this long."""
    if not microseconds:
        return {}
    return {"LD_PRELOAD": str(shim()), "SLOW_SYNC_US": str(microseconds)}


def product():
    """The program under test: MCCC_BIN, or the release build."""
    path = Path(os.environ.get("MCCC_BIN", TARGET / "release" / "mccc"))
    if not path.exists():
        raise Missing(f"{path} is not built: MCCC_UI_SKIP=1 cargo build --release -p mccc-server")
    return path


def python_peer():
    """The interpreter that has the Python peer's packages; installed on first use."""
    wanted, mark = BENCHES / "peers" / "python" / "requirements.txt", VENV / "requirements.txt"
    if not mark.exists() or mark.read_text() != wanted.read_text():
        say("installing the Python peer's packages …")
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        done = subprocess.run([VENV / "bin" / "pip", "install", "-q", "-r", wanted], stdout=sys.stderr)
        if done.returncode:
            raise Missing("the packages of benches/peers/python cannot be installed")
        mark.write_text(wanted.read_text())
    return VENV / "bin" / "python"


def node_peer():
    """The folder with the Node peer and its packages; installed on first use."""
    tool("npm", "install Node 20 or newer")
    source = BENCHES / "peers" / "node"
    NODE.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "server.mjs", NODE)
    package, mark = source / "package.json", NODE / "package.json"
    if not mark.exists() or mark.read_text() != package.read_text():
        say("installing the Node peer's packages …")
        shutil.copy(package, NODE)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=NODE, stdout=sys.stderr)
        if done.returncode:
            mark.unlink()
            raise Missing("the packages of benches/peers/node cannot be installed")
    return NODE


def axum_peer():
    """The bare server, built by cargo, which knows when it is up to date."""
    folder = BENCHES / "peers" / "axum"
    command = ["cargo", "build", "--release", "--locked", "--quiet"]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)}, stdout=sys.stderr)
    if done.returncode:
        raise Missing("benches/peers/axum cannot be built")
    return TARGET / "release" / "mccc-peer-axum"
