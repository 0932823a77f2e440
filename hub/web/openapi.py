"""What the description of the API says of every operation: how it refuses."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

from hub.web.problems import CONTENT_TYPE

TEXT = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "ProblemRefusal": {
        "type": "object",
        "description": "One reason, and what can be done about it.",
        "properties": {
            "code": {**TEXT, "description": "Stable, for programmes."},
            "explanation": {**TEXT, "description": "Why, in the caller's language."},
            "remedy": {**TEXT, "description": "What can be done about it; may be empty."},
            "about": {**TEXT, "description": "The input that is refused; empty for the whole."},
        },
        "required": ["code", "explanation", "remedy", "about"],
    },
    "Problem": {
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "properties": {
            "type": {**TEXT, "format": "uri", "description": "Stable: urn:hub:problem:…"},
            "title": {**TEXT, "description": "In the caller's language."},
            "status": {"type": "integer"},
            "detail": TEXT,
            "refusals": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/ProblemRefusal"},
            },
        },
        "required": ["type", "title", "status", "refusals"],
    },
}
CONTENT = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
}
PROBLEMS = {
    401: "Not signed in, or the token is not valid any more.",
    403: "Known, and not theirs to do.",
    404: "There is no such thing, or the caller may not know that there is.",
    409: "The rules refuse this step now.",
    412: "It changed since the version that the caller names.",
    422: "The input is not right, field by field.",
    429: "Too many calls.",
}
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


class Described(AutoSchema):
    """An operation in the description of the API."""

    def get_auth(self) -> list[Any]:
        """Say that an operation behind an open gate needs no token."""
        known: list[Any] = super().get_auth()
        gates = [getattr(one, "gate", "") for one in self.view.get_permissions()]
        return [*known, {}] if gates == ["public"] and {} not in known else known


def with_problems(result: dict[str, Any], **_about: object) -> dict[str, Any]:
    """Add to every operation the problems that it can answer with."""
    result["components"].setdefault("schemas", {}).update(SCHEMAS)
    for item in result["paths"].values():
        for method, operation in item.items():
            if method in METHODS:
                for code in problems_of(method, operation):
                    operation["responses"].setdefault(str(code), answer(code))
    return result


def problems_of(method: str, operation: dict[str, Any]) -> list[int]:
    """Return the statuses of refusal of an operation, from what it asks for."""
    places = {one["in"] for one in operation.get("parameters", [])}
    for_anyone = {} in operation.get("security", [{}])
    codes = {429} if for_anyone else {401, 403, 429}
    codes |= {404} if "path" in places else set()
    codes |= {409} if method != "get" else set()
    codes |= {422} if "requestBody" in operation or "query" in places else set()
    versioned = any(one["name"] == "If-Match" for one in operation.get("parameters", []))
    return sorted(codes | ({412} if versioned else set()))


def answer(code: int) -> dict[str, Any]:
    """Return the description of one refusal."""
    described: dict[str, Any] = {"description": PROBLEMS[code], "content": CONTENT}
    return {**described, "headers": RETRY_AFTER} if code == 429 else described
