"""Network: what becomes of each request of a phone and of each answer."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from beatbook.problems import Problem, ServerFull, SignIn, StorageFault, TooManyTries, UploadTooLarge

from .server import Answer, Server

OK = "ok"
OUTCOMES = (
    OK,
    "refused",  # no connection
    "lost-request",  # half of it arrives, then the connection ends
    "lost-answer",  # the server did its work, the phone hears nothing
    "cut-answer",  # the answer breaks off
    "short-answer",  # the same, but it looks whole to HTTP
    "portal",  # a hotel's Wi-Fi answers 200 with a page of its own
    "twice",  # something in between sends it again; the phone gets the second answer
    "stranger",  # an answer of the right look about other bytes than were sent, which never arrived
    "held",  # the answer comes, but only after other things have happened
    "late",  # the phone gives up; the request arrives at the server some time later
)
PROBLEMS: dict[str, type[Problem]] = {
    "401": SignIn,
    "413": UploadTooLarge,
    "429": TooManyTries,
    "500": Problem,
    "503": StorageFault,
    "507": ServerFull,
}
OFFLINE = "offline"  # a plan: every request is refused
PORTAL = b"<!doctype html><title>Welcome</title><h1>Sign in to our Wi-Fi</h1>"


@dataclass
class Request:
    phone: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Network:
    server: Server
    tokens: list[str | None]  # each phone's cookie
    plan: list[str] = field(default_factory=list)
    offline: bool = False
    trouble: bool = False  # something else than `ok` has happened since `follow`
    held: dict[int, Answer] = field(default_factory=dict)
    late: list[Request] = field(default_factory=list)
    receipts: dict[tuple[str, int, str], dict[str, Any]] = field(default_factory=dict)
    issued: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)  # what the server said it no longer has
    statuses: list[int] = field(default_factory=list)
    requests: int = 0

    def follow(self, plan: Iterable[str] | str = ()) -> None:
        """From here on requests meet these outcomes in turn, and after them nothing bad."""
        self.offline = plan == OFFLINE
        self.plan = [] if self.offline else list(plan)
        self.trouble = self.offline
        self.statuses = []

    def carry(self, fetch: dict[str, Any]) -> dict[str, Any]:
        self.requests += 1
        request = Request(
            fetch["phone"], fetch["method"], fetch["path"], fetch["headers"], base64.b64decode(fetch["body"])
        )
        token = self.tokens[request.phone]
        if token:
            request.headers["cookie"] = f"beatbook_device={token}"
        outcome = "refused" if self.offline else self.plan.pop(0) if self.plan else OK
        if outcome == "held" and request.phone in self.held:
            outcome = "lost-answer"
        self.trouble = self.trouble or outcome not in (OK, "twice")
        return self.carried(request, outcome)

    def carried(self, request: Request, outcome: str) -> dict[str, Any]:
        match outcome:
            case "refused":
                return FAIL
            case "lost-request":
                self.reach(request, arriving=len(request.body) * 2 // 3)
                return FAIL
            case "lost-answer":
                self.reach(request)
                return FAIL
            case "cut-answer":
                return wire(self.reach(request), how="cut")
            case "short-answer":
                answer = self.reach(request)
                return wire(Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2]))
            case "portal":
                return wire(Answer(200, {"content-type": "text/html"}, PORTAL))
            case "twice":
                self.reach(request)
                return wire(self.reach(request))
            case "stranger":
                return wire(self.strange(request))
            case "held":
                self.held[request.phone] = self.reach(request)
                return {"how": "hold"}
            case "late":
                self.late.append(request)
                return FAIL
            case "ok":
                return wire(self.reach(request))
        return wire(self.problem(PROBLEMS[outcome]()))

    def arrive(self) -> None:
        """A request that its phone has given up long ago."""
        self.reach(self.late.pop(0))

    def deliver(self, phone: int) -> dict[str, Any]:
        return wire(self.held.pop(phone))

    def reach(self, request: Request, arriving: int | None = None) -> Answer:
        answer = self.server.ask(request.method, request.path, request.headers, request.body, arriving=arriving)
        self.statuses.append(answer.status)
        if answer.headers.get("content-type", "").startswith("application/"):
            self.note(request, json.loads(answer.body))
        return answer

    def note(self, request: Request, said: dict[str, Any]) -> None:
        """Receipts never change while a history lasts; what is missing has been listed."""
        for result in said.get("results", ()):
            receipt = result.get("receipt")
            if receipt:
                history = (said.get("epoch") or self.server.epoch, self.server.swaps, receipt["instanceId"])
                again = self.receipts.setdefault(history, receipt)
                assert again == receipt, f"the receipt {again} has become {receipt}"
                self.issued.setdefault(receipt["instanceId"], []).append(receipt)
            assert result["status"] != "refused", f"promise 4: the server refuses {result}"
        for item in said.get("submissions", ()):
            if item["status"] == "missing" or item["missing"]:
                self.listed.add(item["instanceId"])
        if request.path == "/api/enrol" and "token" in said:
            self.tokens[request.phone] = said["token"]

    def strange(self, request: Request) -> Answer:
        """What a copy of the server under the same name might say, or one that mixes its answers up."""
        numbers = [part.split(b'"')[1].decode() for part in request.body.split(b'"instanceId":')[1:]]
        photos = [part.split(b'"')[0].decode() for part in request.body.split(b'filename="')[1:]]
        epoch = self.server.epoch
        receipts = [
            {
                "instanceId": number,
                "digest": "5" * 64,
                "epoch": epoch,
                "seq": 1,
                "chain": "c" * 64,
                "receivedAt": self.server.now.isoformat(),
            }
            for number in numbers
        ]
        said = {
            "serverId": self.server.office.server_id,
            "epoch": epoch,
            "safeSeq": 0,
            "serverTime": self.server.now.isoformat(),
            "results": [
                {
                    "instanceId": receipt["instanceId"],
                    "status": "stored",
                    "receipt": receipt,
                    "missing": [],
                    "warnings": [],
                }
                for receipt in receipts
            ],
            "submissions": [],
            "attachments": [],
            "cursor": "",
        }
        if photos and not numbers:
            return self.problem(StorageFault())
        return Answer(200, {"content-type": "application/json", **self.ours()}, json.dumps(said).encode())

    def problem(self, problem: Problem) -> Answer:
        headers = {"content-type": "application/problem+json", **self.ours()}
        return Answer(problem.status, headers, json.dumps(problem.to_wire()).encode())

    def ours(self) -> dict[str, str]:
        return {"Beatbook-Server": self.server.office.server_id}


def wire(answer: Answer, how: str = "answer") -> dict[str, Any]:
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    body = base64.b64encode(answer.body).decode()
    return {"how": how, "status": answer.status, "headers": headers, "body": body}


FAIL = {"how": "fail"}
