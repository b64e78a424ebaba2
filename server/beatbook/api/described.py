"""Described: the contract as OpenAPI 3.1 at /openapi.json, for those who write a client of their own.

What each route takes and answers stands here by hand, because handlers read JSON with suspicion and not through models;
a test holds it to the routes and to what they really answer. Problems come from `problems`, so none is forgotten.
"""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import __version__
from ..parcels import MEDIA_TYPE as PARCEL
from ..problems import Client, Kept, all_problems
from ..submissions import Comparison, Status

Schema = dict[str, Any]


async def show(request: Request) -> JSONResponse:
    return JSONResponse(document())


@cache
def document() -> Schema:
    paths: dict[str, Schema] = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Beatbook",
            "version": __version__,
            "summary": "Deliver records once, ask what the server holds, fetch what changed.",
            "description": "Every answer carries the header Beatbook-Server; one without it is not ours. "
            "`status` of a refused item, and every answer of 400 and above, is a problem (RFC 9457).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, "Problem": problem()},
            "responses": {"Problem": answer("A problem", ref("Problem"), "application/problem+json")},
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer", "description": "From /api/enrol"}},
        },
    }


# Pieces -----------------------------------------------------------------------------------------------------------


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def thing(required: Schema, **optional: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def many(items: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": items, **({"maxItems": most} if most else {})}


def words(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def answer(said: str, schema: Schema, kind: str = "application/json") -> Schema:
    return {"description": said, "content": {kind: {"schema": schema}}}


def takes(schema: Schema, kind: str = "application/json") -> Schema:
    return {"required": True, "content": {kind: {"schema": schema}}}


def operation(
    name: str, summary: str, status: int, schema: Schema, *, open_to_all: bool = False, **more: Any
) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        "security": [] if open_to_all else [{"device": []}],
        "responses": {
            str(status): answer("Done", schema),
            "default": {"$ref": "#/components/responses/Problem"},
        },
        **more,
    }


def problem() -> Schema:
    return thing(
        {
            "type": words(*sorted(f"/problems/{kind.slug}" for kind in all_problems())),
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "A sentence for the person"},
            "kept": words(*Kept),
            "client": words(*Client),
        },
        ref={"type": "string", "description": "Stands in the server's log too"},
    )


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
UUID: Schema = {"type": "string", "format": "uuid"}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {"type": "object"}
STANDING: Schema = {"serverId": TEXT, "epoch": TEXT, "serverTime": MOMENT, "safeSeq": NUMBER}

SCHEMAS: dict[str, Schema] = {
    "Order": thing(
        {
            "id": NUMBER,
            "do": words("lock", "leave", "clear"),
            "why": TEXT,
            "proof": {
                **DIGEST,
                "description": "HMAC-SHA256 over `beatbook`, `order`, the server, the device, `id` and `why`, a line "
                "each, with the SHA-256 of the device's token as its key. An order without it is not ours.",
            },
        }
    ),
    "Submission": thing(
        {"instanceId": UUID, "formId": TEXT, "formVersion": TEXT, "answers": ANYTHING},
        capturedAt=MOMENT,
        counter=NUMBER,
        replaces={"type": ["string", "null"]},
        patrolId={"type": ["string", "null"]},
        location={"anyOf": [ref("Location"), {"type": "null"}]},
        attachments=many(ref("Attachment"), 100),
        app=TEXT,
    ),
    "Location": thing(
        {"latitude": {"type": "number"}, "longitude": {"type": "number"}},
        accuracy={"type": ["number", "null"], "description": "Metres"},
        source=TEXT,
        fixedAt=MOMENT,
    ),
    "Attachment": thing({"field": TEXT, "sha256": DIGEST, "size": NUMBER, "mediaType": TEXT}),
    "Receipt": thing(
        {"instanceId": UUID, "digest": DIGEST, "epoch": TEXT, "seq": NUMBER, "chain": DIGEST, "receivedAt": MOMENT}
    ),
    "Warning": thing({"code": TEXT, "detail": TEXT}, field=TEXT),
    "Result": {
        "oneOf": [
            thing(
                {
                    "instanceId": UUID,
                    "status": words(Status.STORED, Status.ALREADY, Status.HELD),
                    "receipt": ref("Receipt"),
                    "missing": many(DIGEST),
                    "warnings": many(ref("Warning")),
                },
                detail=TEXT,
            ),
            thing({"sha256": DIGEST, "status": words(Status.STORED, Status.ALREADY)}),
            thing(
                {"status": words(Status.REFUSED), "problem": ref("Problem")},
                instanceId={"type": ["string", "null"]},
                sha256={"type": ["string", "null"]},
            ),
        ]
    },
}

DELIVERY = takes(
    {
        "type": "object",
        "description": "Parts in any order. A submission's frozen bytes; a photo with its SHA-256 as the filename.",
        "properties": {
            "submission": many(ref("Submission")),
            "attachment": many({"type": "string", "format": "binary"}),
        },
    },
    "multipart/form-data",
)
DELIVERY["content"]["multipart/form-data"]["encoding"] = {
    "submission": {"contentType": f"application/json, {PARCEL}"},
    "attachment": {"contentType": f"image/jpeg, image/png, image/webp, {PARCEL}"},
}
CODE_BODY = takes(thing({"code": TEXT}))

OPERATIONS: dict[tuple[str, str], Schema] = {
    ("post", "/api/enrol"): operation(
        "enrol",
        "A one-time code becomes a device with a token of its own",
        201,
        thing({"deviceId": TEXT, "token": TEXT, "role": TEXT, "name": TEXT, "serverId": TEXT}),
        open_to_all=True,
        requestBody=takes(thing({"code": TEXT}, attempt=TEXT)),
    ),
    ("post", "/api/enrol/look"): operation(
        "look",
        "What a code would make of a device; the code stays unused",
        200,
        thing({"name": TEXT, "role": TEXT, "council": TEXT, "expiresAt": MOMENT}),
        open_to_all=True,
        requestBody=CODE_BODY,
    ),
    ("get", "/api/records/{instance_id}/readings"): operation(
        "readings",
        "Who looked at a record that this device made, newest first",
        200,
        thing(
            {
                "readings": many(
                    thing(
                        {
                            "at": MOMENT,
                            "name": {"type": ["string", "null"]},
                            "role": {"type": ["string", "null"]},
                            "what": TEXT,
                            "times": NUMBER,
                            "why": {"type": ["string", "null"]},
                        }
                    )
                )
            }
        ),
        parameters=[{"name": "instance_id", "in": "path", "required": True, "schema": TEXT}],
    ),
    ("post", "/api/sync/hand-over"): operation(
        "handOver",
        "Before it clears itself a device brings what is unfinished or was not accepted; it is kept aside",
        200,
        thing({**STANDING, "results": many(ref("Result"))}),
        requestBody=DELIVERY,
    ),
    ("post", "/api/clearing"): operation(
        "mayClear",
        "Everything is handed over: may this device clear itself? The proof is an HMAC-SHA256 over `beatbook`, "
        "`clear`, the server, the device and the nonce, a line each, with the token's SHA-256 as its key",
        200,
        thing({"clear": {"type": "boolean"}, "proof": DIGEST}),
        requestBody=takes(
            thing({"nonce": TEXT}, records=NUMBER, photos=NUMBER, drafts=NUMBER, left=NUMBER, unread=NUMBER)
        ),
    ),
    ("post", "/api/clearing/done"): operation(
        "cleared", "This device has cleared itself", 200, thing({"cleared": {"type": "boolean"}})
    ),
    ("post", "/api/sync"): operation(
        "deliver",
        "Deliver records and photos; complete parts of a body that is cut short are kept",
        200,
        thing({**STANDING, "results": many(ref("Result"))}, order=ref("Order")),
        requestBody=DELIVERY,
    ),
    ("post", "/api/sync/check"): operation(
        "check",
        "Ask what of this the server holds",
        200,
        thing(
            {
                **STANDING,
                "submissions": many(
                    thing(
                        {
                            "instanceId": TEXT,
                            "status": words(*Comparison),
                            "missing": many(DIGEST),
                        }
                    )
                ),
                "attachments": many(thing({"sha256": TEXT, "held": {"type": "boolean"}})),
                "receipts": many(ref("Receipt")),
            },
            order=ref("Order"),
        ),
        requestBody=takes(
            thing(
                {},
                submissions=many(thing({"instanceId": TEXT, "digest": TEXT}), 500),
                attachments=many(TEXT, 500),
                lastReceipt={"anyOf": [ref("Receipt"), {"type": "null"}]},
            )
        ),
    ),
    ("get", "/api/sync/down"): operation(
        "fetch",
        "Fetch what changed for this device since its cursor; without one, everything",
        200,
        thing(
            {
                **STANDING,
                "cursor": TEXT,
                "forms": many(ANYTHING),
                "lists": many(thing({"name": TEXT, "title": TEXT, "rows": many(ANYTHING)})),
                "advice": many(ANYTHING),
                "tasks": many(ANYTHING),
                "reviews": many(
                    thing(
                        {"instanceId": UUID, "reviewState": TEXT, "reviewedAt": MOMENT, "reviewer": TEXT},
                        reason={"type": ["string", "null"]},
                        note={"type": ["string", "null"]},
                        answers=ANYTHING,
                    )
                ),
                "removed": thing({"forms": many(TEXT), "lists": many(TEXT), "tasks": many(TEXT)}),
            },
            settings=many(ANYTHING),
            alerts=many(ANYTHING),
            nearby=many(ANYTHING),
            order=ref("Order"),
            seal=thing({"keyId": TEXT, "publicKey": TEXT, "appLock": {"type": "boolean"}}),
        ),
        parameters=[
            {"name": "since", "in": "query", "schema": TEXT, "description": "The cursor of the time before"},
            {
                "name": "pad",
                "in": "query",
                "schema": TEXT,
                "description": "The code in its notices that it has, or none",
            },
        ],
    ),
    ("get", "/api/sync/state"): operation(
        "state",
        "Where the server stands, and its limits",
        200,
        thing(
            {
                **STANDING,
                "seq": NUMBER,
                "chain": DIGEST,
                "minimumApp": TEXT,
                "limits": thing(dict.fromkeys(("submission", "attachment", "pixels", "body", "check"), NUMBER)),
            },
            order=ref("Order"),
        ),
    ),
    ("get", "/api/map"): {
        **operation("map", "A range of the council's file of map pictures", 206, ANYTHING),
        "responses": {
            "200": {"description": "All of it"},
            "206": {"description": "The bytes of the Range header"},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    },
    ("post", "/api/patrols/join"): operation(
        "joinPatrol", "A pupils' tablet joins an open patrol by its code", 200, ANYTHING, requestBody=CODE_BODY
    ),
    ("post", "/api/patrols/key"): operation(
        "patrolKey",
        "A leader's phone registers the key that signs patrols opened with no signal",
        200,
        thing({"keyId": TEXT}),
        requestBody=takes(thing({"publicKey": TEXT})),
    ),
    ("get", "/api/patrols/{patrol_id}"): operation(
        "patrol",
        "How the patrol stands, for the tablet that joined it",
        200,
        ANYTHING,
        parameters=[{"name": "patrol_id", "in": "path", "required": True, "schema": UUID}],
    ),
}
