"""Write the pages that follow from the program: tools, REST, each client. Needs Sage.

reference.py DIR
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from client_pages import client_pages

from sage.api.http.app import create_app
from sage.api.tools import TOOLS
from sage.config.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TOOLS = """# Tools

What a client sees of Sage over MCP, at `/mcp` or by `sage mcp`. This page is made from the
descriptions that models read.
"""
_REST = """# REST routes

All routes take and return JSON. Where a token is required, send it as
`Authorization: Bearer TOKEN`. Errors are problem details (RFC 9457) with a `hint`. The page
*REST API by task* has a line to try for each task. This page is made from `/openapi.json`, which a
running Sage serves beside `/docs`, unless `SAGE_ENV` is `prod`.
"""


def main(folder: Path) -> None:
    """Write the pages, those of clients in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = tomllib.loads(Path(__file__).with_name("clients.toml").read_text())
    for language, place in (("en", folder), ("zh", folder / "zh")):
        (place / "clients").mkdir(parents=True)
        for name, text in client_pages(texts[language]).items():
            (place / "clients" / f"{name}.md").write_text(text)
    (folder / "tools.md").write_text(tools())
    document = create_app(Settings(data_dir=folder)).openapi()
    (folder / "routes.md").write_text(rest(document))


def tools() -> str:
    """Return the page of the tools."""
    parts = [_TOOLS]
    for tool in TOOLS:
        schema = tool.arguments.model_json_schema()
        parts.append(f"## {tool.name}\n\n{tool.description.strip()}\n\n{fields(schema, schema)}")
    return "\n".join(parts)


def rest(document: Mapping[str, Any]) -> str:
    """Return the page of the routes."""
    groups = defaultdict(list)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not operation.get("deprecated"):
                groups[operation.get("tags", ["other"])[0]].append(
                    route(document, f"{method.upper()} {path}", operation)
                )
    return _REST + "".join(f"\n## {name}\n\n{''.join(routes)}" for name, routes in groups.items())


def route(document: Mapping[str, Any], name: str, operation: Mapping[str, Any]) -> str:
    """Return the section of one route."""
    text = f"### `{name}`\n\n{operation.get('description', '').strip()}\n\n"
    parameters = [
        (one["name"], one["schema"], one.get("required", False), one.get("description", ""))
        for one in operation.get("parameters", ())
    ]
    if parameters:
        text += table("parameter", parameters)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if described := fields(document, content.get("schema", {}), "field of the body"):
            text += described
    return text


def fields(document: Mapping[str, Any], schema: Mapping[str, Any], head: str = "argument") -> str:
    """Return the table of the fields of a schema, or nothing where it has none."""
    if reference := schema.get("$ref"):
        schema = document
        for step in reference.removeprefix("#/").split("/"):
            schema = schema[step]
    required = schema.get("required", ())
    rows = [
        (name, one, name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]
    return table(head, rows) if rows else ""


def table(head: str, rows: Iterable[tuple[str, Mapping[str, Any], bool, str]]) -> str:
    """Return a table of names, types and meanings."""
    lines = [f"| {head} | type | meaning |", "|---|---|---|"]
    for name, schema, required, meaning in rows:
        kind = f"{kind_of(schema)}{', required' if required else ''}"
        lines.append(
            f"| `{name}` | {kind} | {' '.join(meaning.split()).replace('|', chr(92) + '|')} |"
        )
    return "\n".join(lines) + "\n\n"


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a field as words."""
    if "$ref" in schema:
        return "object"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(map(kind_of, kinds)))
    return str(schema.get("type", "any"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
