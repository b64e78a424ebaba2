"""Phones: the Node process in which the real client code runs, spoken to in lines."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("phones.ts")


@dataclass(frozen=True)
class Edit:
    """A planted fault in the client: one piece of one source file becomes another."""

    file: str
    find: str
    put: str

    def to_wire(self) -> dict[str, str]:
        return {"file": self.file, "from": self.find, "to": self.put}


class Phones:
    """The network gets a request and says what the phone gets."""

    def __init__(self, node: Path, edits: tuple[Edit, ...] = ()) -> None:
        self.command = [str(node), str(DRIVER), json.dumps([edit.to_wire() for edit in edits])]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "TZ": "Europe/London"},
        )

    def ask(self, network: Callable[[dict[str, Any]], dict[str, Any]], /, **wish: Any) -> Any:
        try:
            return self.converse(network, wish)
        except BaseException:
            self.close()  # it may wait for an answer that will never come
            self.start()
            raise

    def converse(self, network: Callable[[dict[str, Any]], dict[str, Any]], wish: dict[str, Any]) -> Any:
        self.say({"writes": None, "replaces": None, "photos": [], **wish})
        while True:
            said = self.hear()
            if "fetch" in said:
                self.say({"do": "answer", "answer": network(said["fetch"])})
            elif "done" in said:
                return said["done"]
            else:
                raise AssertionError(f"the client failed: {said['error']}")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def say(self, line: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the phones’ process has ended")
        return json.loads(line)
