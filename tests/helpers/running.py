"""A real server in a process of its own, on a port of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from actors import MULTIPART, Record, body_of, parts

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 30.0  # seconds, on a slow machine where other tests run beside it


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class RunningServer:
    data: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    app_lock: bool = False  # whether phones must choose a PIN: where that is not in question it would only cost time
    tls: bool = False
    process: subprocess.Popen[str] | None = None
    said: str = ""

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self, *more: str, within: float = STARTS_WITHIN) -> "RunningServer":
        self.process = self.command("--port", str(self.port), *more)
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the server stopped: {self.process.communicate()}")
            try:
                if httpx2.get(f"{self.url}/healthz", timeout=1, verify=False).text == "ok":
                    return self
            except httpx2.HTTPError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "beatbook", "--data", str(self.data), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.settings(), **self.environment},
        )

    def settings(self) -> dict[str, str]:
        return {"PYTHONPATH": str(ROOT / "server"), "BEATBOOK_APP_LOCK": str(self.app_lock)}

    def run(self, *arguments: str) -> tuple[int, str]:
        """One command of `python3 server`, beside the server or alone: its exit code and what it printed."""
        process = self.command(*arguments)
        printed, errors = process.communicate(timeout=60)
        return process.returncode, printed or errors

    def invite(self, role: str, name: str) -> dict[str, Any]:
        code, printed = self.run("invite", "--role", role, "--name", name)
        assert code == 0, printed
        return json.loads(printed)

    def enrol(self, role: str = "officer", name: str = "Phone 7") -> dict[str, str]:
        """The headers of a new device."""
        answer = httpx2.post(f"{self.url}/api/enrol", json={"code": self.invite(role, name)["code"]})
        assert answer.status_code == 201, answer.text
        return {"authorization": f"Bearer {answer.json()['token']}"}

    def deliver(self, headers: dict[str, str], *records: Record) -> list[dict[str, Any]]:
        """The results of a delivery that must succeed."""
        body = body_of(parts(*records))
        answer = httpx2.post(f"{self.url}/api/sync", content=body, headers={**headers, "content-type": MULTIPART})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def stop(self) -> str:
        """Ask it to stop, as Ctrl+C does. Returns what it printed."""
        return self.end(signal.SIGINT)

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals) -> str:
        if self.process is None:
            return ""
        self.process.send_signal(how)
        printed, errors = self.process.communicate(timeout=30)
        self.process = None
        self.said = (printed or "") + (errors or "")
        return self.said
