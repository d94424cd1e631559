"""The reference memory server of MCP: a knowledge graph, one line per entity and relation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_lines, read_records
from sage.clients.reading.sample import SourceSample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File


def _recognizes(sample: SourceSample) -> bool:
    return sample.first.get("type") in ("entity", "relation") or _is_graph(sample)


def _is_graph(sample: SourceSample) -> bool:
    """Return whether it is the result of the tool `read_graph`."""
    return sample.has("entities", "relations")


def _read(file: File) -> Iterator[Entry]:
    is_graph = _is_graph(SourceSample(file))
    with file.open() as stream:
        yield from read_each(read_records(stream) if is_graph else read_lines(stream), _element)


def _element(element: dict[str, Any]) -> Iterator[Entry]:
    if "entities" in element:
        yield from read_each(element["entities"], _entity)
        yield from read_each(element["relations"], _relation)
    elif element["type"] == "relation":
        yield from _relation(element)
    else:
        yield from _entity(element)


def _entity(entity: dict[str, Any]) -> Iterator[Entry]:
    """Yield a memory for each observation; an entity without any is one itself."""
    name, kind = str(entity["name"]), str(entity.get("entityType") or "")
    repeated: Counter[str] = Counter()
    observations = entity.get("observations") or [f"{name} ({kind})"]
    for text in map(_observed, observations):
        yield Entry(
            f"{name}\0{text}\0{repeated[text]}",
            name,
            text=text,
            name=name or None,
            metadata={"entity_type": kind},
        )
        repeated[text] += 1


def _observed(observation: object) -> str:
    """Return the text of an observation, which variants of this server store in an object."""
    if isinstance(observation, dict):
        observation = observation.get("content") or observation.get("text") or ""
    return str(observation)


def _relation(relation: dict[str, Any]) -> Iterator[Entry]:
    triple = [str(relation[key]) for key in ("from", "relationType", "to")]
    yield Entry("relation\0" + "\0".join(triple), triple[0], text=" ".join(triple))


MCP_MEMORY = ImportFormat("mcp-memory", _recognizes, _read)
