"""A door before the server: the only address that phones know, so that a test decides what comes through."""

import http.client
import mimetypes
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from running import RunningServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def carries(self, part: str) -> bool:
        """Whether it delivers a `submission` or an `attachment`."""
        return self.path == "/api/sync" and f'name="{part}"'.encode() in self.body


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def page(cls, words: str) -> "Answer":
        return cls(200, {"content-type": "text/html; charset=utf-8"}, f"<!doctype html><p>{words}".encode())


CUT = Answer(0)  # the line goes dead: the request was heard, and nobody answers


class Door:
    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.seen: list[Request] = []
        self.rule: Callable[[Request], Answer | None] = lambda _: None
        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.listener.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.listener.server_port}"
        server.environment["BEATBOOK_PUBLIC_URL"] = self.url
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def answer_with(self, rule: Callable[[Request], Answer | None]) -> None:
        """Every request goes to the rule first; what it answers nothing to goes through."""
        self.rule = rule

    def let_all_through(self) -> None:
        self.rule = lambda _: None

    def close(self) -> None:
        self.listener.shutdown()
        self.listener.server_close()

    def deliveries(self, part: str) -> list[Request]:
        return [request for request in self.seen if request.carries(part)]

    def handler(self) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def take(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                request = Request(self.command, self.path, dict(self.headers), body)
                door.seen.append(request)
                answer = door.rule(request) or forwarded(request, door.server)
                if answer is CUT:
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                with suppress(BrokenPipeError):  # a page that was left does not wait for its files
                    self.wfile.write(answer.body)

            do_GET = do_POST = do_HEAD = take

            def log_message(self, format: str, *args: object) -> None:
                """A test's own output says enough."""

        return Handler


def forwarded(request: Request, server: RunningServer) -> Answer:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        line.request(request.method, request.path, request.body or None, request.headers)
        answer = line.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
        return Answer(answer.status, headers, answer.read())
    except OSError:
        return CUT
    finally:
        line.close()


def files_of(folder: Path) -> Callable[[Request], Answer | None]:
    """Serves the phone's files from a folder, as a server of another version would."""

    def rule(request: Request) -> Answer | None:
        path = request.path.partition("?")[0]
        if path.startswith(("/api/", "/desk/")):
            return None
        file = folder / (path.lstrip("/") or "index.html")
        if not file.is_file():
            return Answer(404)
        kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
        return Answer(200, {"content-type": kind, "cache-control": "no-cache"}, file.read_bytes())

    return rule


def next_version(dist: Path, folder: Path) -> Path:
    """The built app once more, as the next build would leave it: other names for its assets, another version."""
    shutil.copytree(dist, folder)
    hashes = {path.stem.partition("-")[2] for path in (folder / "assets").iterdir()}
    worker = folder / "service-worker.js"
    version = worker.read_text().partition('"version":"')[2].partition('"')[0]
    assert version and hashes
    renamed = {name: name[::-1] for name in {*hashes, version}}
    for path in [path for path in folder.rglob("*") if path.suffix in {".js", ".css", ".html"}]:
        text, name = path.read_text(encoding="utf-8"), path.name
        path.unlink()
        for old, new in renamed.items():
            text, name = text.replace(old, new), name.replace(old, new)
        (path.parent / name).write_text(text, encoding="utf-8")
    return folder
