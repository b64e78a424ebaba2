"""The contract as OpenAPI: every route is in it and none besides, and what it promises is what the routes answer."""

import copy
import re
from typing import Any

import pytest
import requests
import schemathesis
from actors import Device, a_photo, a_record
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from beatbook.api import described
from beatbook.app import API
from beatbook.parcels import MEDIA_TYPE as PARCEL

KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip


def wrong(schema: dict[str, Any], value: Any, at: str = "answer") -> list[str]:
    """What of a value is not as the schema says; of JSON Schema the words that ours uses."""
    if "$ref" in schema:
        return wrong(described.document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], value, at)
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        fitting = [one for one in choices if not wrong(one, value, at)]
        return [] if len(fitting) == 1 or ("anyOf" in schema and fitting) else [f"{at}: fits {len(fitting)} choices"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, KINDS[kind]) for kind in kinds):
        return [f"{at}: {value!r} is no {kinds}"]
    found = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} is not like {schema['pattern']}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [each for name in known.keys() & value for each in wrong(known[name], value[name], f"{at}.{name}")]
    if isinstance(value, list):
        found += [each for one in value for each in wrong(schema["items"], one, f"{at}[]")]
    return found


def check(answer: Any, method: str, path: str) -> None:
    promised = described.document()["paths"][path][method]["responses"].get(str(answer.status_code))
    if promised is None:
        assert not wrong({"$ref": "#/components/schemas/Problem"}, answer.json())
    else:
        assert not wrong(promised["content"]["application/json"]["schema"], answer.json())


def test_every_route_for_devices_is_described_and_none_that_is_not_there(server):
    told = server.get("/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    described_ones = {(method, path) for path, item in told["paths"].items() for method in item}
    routes = [route for route in API if isinstance(route, Route)]
    there = {(one.lower(), f"/api{route.path}") for route in routes for one in (route.methods or set()) - {"HEAD"}}
    assert described_ones == there
    refs = set(re.findall(r"#/components/schemas/(\w+)", server.get("/openapi.json").text))
    assert refs <= told["components"]["schemas"].keys()


def test_what_routes_answer_is_what_was_promised(server, officer, supervisor):
    photo, other = a_photo(), a_photo()
    record = a_record(photo)
    answer = officer.deliver(record, a_record(other, form="unheard", counter=2), photos=(photo, b"no photo"))
    assert {result["status"] for result in answer.json()["results"]} == {"stored", "held", "refused"}
    check(answer, "post", "/api/sync")
    check(officer.deliver(record), "post", "/api/sync")
    check(officer.deliver_bytes(b"cut short"), "post", "/api/sync")
    supervisor.approve(record)
    check(officer.check(record, photos=(photo, other)), "post", "/api/sync/check")
    readings = server.get(f"/api/records/{record.instance_id}/readings", headers=officer.headers)
    check(readings, "get", "/api/records/{instance_id}/readings")
    for path in ("/api/sync/down", "/api/sync/state"):
        check(server.get(path, headers=officer.headers), "get", path)
    check(server.post("/api/enrol", json={"code": "WRONG"}), "post", "/api/enrol")
    assert wrong({"$ref": "#/components/schemas/Receipt"}, {"instanceId": 1}), "or nothing would ever be found wrong"


# What nobody thought of -------------------------------------------------------------------------------------------


@schemathesis.serializer(PARCEL)
def as_it_is(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 5  # of what fits and as many of what does not, for each operation; always the same ones
ALWAYS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def hold_to(document: dict[str, Any], server: Any, officer: Device, pupil: Device) -> int:
    """Send what the document allows and what it forbids, and hold every answer to it. Returns how many those were.

    Errors: FailureGroup for the first answer that is not as promised.
    """
    schema, number = schemathesis.openapi.from_dict(document), 0
    for path, item in document["paths"].items():
        headers = (pupil if path in OF_PUPILS else officer).headers
        for method in item:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                number += ask(server, headers, schema[path][method.upper()].as_strategy(generation_mode=mode))
    return number


def ask(server: Any, headers: dict[str, str], cases: Any) -> int:
    sent: list[Any] = []

    @seed(1)
    @ALWAYS
    @given(case=cases)
    def one(case: Any) -> None:
        made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
        made.headers.pop("authorization", None)  # a made-up one would only ever be turned away
        server.cookies.clear()
        content = made.body or b""
        answer = server.request(made.method, made.url, headers={**made.headers, **headers}, content=content)
        case.validate_response(answer, checks=CHECKS)
        sent.append(case)

    one()
    return len(sent)


OF_PUPILS = {"/api/patrols/join", "/api/patrols/{patrol_id}"}


def test_answers_to_what_fits_and_to_what_does_not_are_as_described(server, officer, pupil):
    assert hold_to(described.document(), server, officer, pupil) >= 100


def test_a_breach_of_the_description_would_be_found(server, officer, pupil):
    wrong = copy.deepcopy(described.document())
    answer = wrong["paths"]["/api/sync/state"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer["properties"]["seq"] = {"type": "string"}
    wrong["paths"] = {"/api/sync/state": wrong["paths"]["/api/sync/state"]}
    with pytest.raises(FailureGroup, match="seq"):
        hold_to(wrong, server, officer, pupil)
