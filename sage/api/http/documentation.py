"""The page at /docs: the OpenAPI document as plain HTML, without other resources and scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

_JSON = "application/json"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
@media (prefers-color-scheme: dark) {
  body { background: #14171a; color: #dfe3e6 }
  a { color: #8ab4f8 }
}
details { border: 1px solid #8886; border-radius: 6px; margin: .5rem 0; padding: .5rem .8rem }
summary { cursor: pointer }
table { border-collapse: collapse; width: 100% }
td { border-bottom: 1px solid #8884; padding: .3rem .6rem .3rem 0; vertical-align: top }
pre { background: #8882; border-radius: 6px; padding: .6rem; overflow-x: auto }
b.method { display: inline-block; min-width: 3.5rem }
del { opacity: .6 }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


def documentation_route(app: FastAPI) -> Route:
    """Build the route of the page that describes `app`."""

    async def documentation(_: Request) -> HTMLResponse:
        return HTMLResponse(render(app.openapi()), headers=_HEADERS)

    return Route("/docs", documentation, methods=["GET"])


def render(document: Mapping[str, Any]) -> str:
    """Return an OpenAPI document as a page for people."""
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    operations = [
        (operation.get("tags", ["other"])[0], method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    sections = [
        f"<h2>{escape(tag)}</h2>"
        + "".join(
            _operation(document, method, path, operation)
            for group, method, path, operation in operations
            if group == tag
        )
        for tag in dict.fromkeys(tag for tag, *_ in operations)
    ]
    schemas = [
        f"<details><summary><code>{escape(name)}</code></summary>"
        f"{_fields(document, schema.get('description', ''), schema)}</details>"
        for name, schema in document["components"]["schemas"].items()
        if "properties" in schema
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><style>'
        f"{_STYLE}</style><h1>{title}</h1><p>{escape(info['description'])}</p>"
        '<p>For programs: <a href="/openapi.json">openapi.json</a></p>'
        f"{''.join(sections)}<h2>schemas</h2>{''.join(schemas)}</html>"
    )


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> str:
    name = f"<code>{escape(path)}</code>"
    shown = f"<del>{name}</del>" if operation.get("deprecated") else name
    summary = escape(operation.get("summary", ""))
    parts = [
        f'<details><summary><b class="method">{method.upper()}</b> {shown} {summary}</summary>',
        f"<p>{escape(operation.get('description', ''))}</p>",
        _table(
            "Parameters",
            (
                (one["name"], one["schema"], one.get("required"), one.get("description", ""))
                for one in operation.get("parameters", ())
            ),
        ),
    ]
    if "requestBody" in operation:
        body = operation["requestBody"]
        ((media_type, content),) = body["content"].items()
        if media_type != _JSON:
            body_text = f"{escape(body['description'])} <code>{escape(media_type)}</code>"
            parts.append(f"<h4>Body</h4><p>{body_text}</p>")
        parts += [_fields(document, "Body", content["schema"]), *_examples(content)]
    for status, answer in operation["responses"].items():
        description = escape(answer.get("description", ""))
        schema = answer.get("content", {}).get(_JSON, {}).get("schema")
        if status == "200" and schema:
            parts.append(_fields(document, f"{status} {description}", schema))
        else:
            parts.append(f"<p><b>{status}</b> {description}</p>")
    return "".join([*parts, "</details>"])


def _fields(document: Mapping[str, Any], heading: str, schema: Mapping[str, Any]) -> str:
    model = _resolved(document, schema)
    required = model.get("required", ())
    return _table(
        heading,
        (
            (name, field, name in required, field.get("description", ""))
            for name, field in model.get("properties", {}).items()
        ),
    )


def _table(heading: str, rows: Iterable[tuple[str, Mapping[str, Any], bool | None, str]]) -> str:
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if required else ''}</td>"
        f"<td>{escape(_type_of(schema))}</td><td>{escape(description)}</td></tr>"
        for name, schema, required, description in rows
    )
    return f"<h4>{escape(heading)}</h4><table>{lines}</table>" if lines else ""


def _type_of(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kind = str(schema.get("type", "any"))
    return f"list of {_type_of(schema['items'])}" if "items" in schema else kind


def _examples(content: Mapping[str, Any]) -> Iterator[str]:
    named = [one["value"] for one in content.get("examples", {}).values()]
    for example in [*named, *content["schema"].get("examples", ())]:
        is_text = isinstance(example, str)
        shown = example if is_text else json.dumps(example, ensure_ascii=False, indent=2)
        yield f"<pre>{escape(shown)}</pre>"


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = document["components"]["schemas"].get(name, schema)
    return found
