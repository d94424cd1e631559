"""The AI clients that Sage supports, and how to connect each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sage.domain.answer import Answer, doc


class ConfigFormat(StrEnum):
    """What the file of a client is written in."""

    JSON = "json"
    TOML = "toml"


@dataclass(frozen=True, slots=True)
class ConnectableClient(Answer):
    """An AI client, and what connects it to this Sage."""

    name: str = field(metadata=doc("The client, as `sage connect` calls it."))
    title: str = field(metadata=doc("The name that people know it by."))
    file: str = field(
        metadata=doc("The file of the user that holds the entry; empty where there is none.")
    )
    project_file: str = field(
        metadata=doc("The file of a project that may hold it instead; empty where there is none.")
    )
    format: ConfigFormat = field(metadata=doc("What the entry is written in."))
    entry: str = field(
        metadata=doc("What stands in the file, or is pasted into it. It names the token only.")
    )
    entry_elsewhere: str | None = field(
        metadata=doc("The entry on a machine without Sage; null where it takes programs alone.")
    )
    starts_sage: bool = field(
        metadata=doc("Whether the client starts Sage itself, and so needs it on its machine.")
    )
    link: str | None = field(
        metadata=doc("A link that adds Sage when it is opened; null where the client has none.")
    )
    command: str | None = field(
        metadata=doc("The command that writes it on the machine of Sage; null without a file.")
    )
    hook_command: str | None = field(
        metadata=doc("The one that adds hooks as well; null where the client runs none.")
    )
    command_elsewhere: str | None = field(
        metadata=doc("The command on another machine; null where there is none.")
    )
    hook_command_elsewhere: str | None = field(
        metadata=doc("The one that adds hooks as well; null where the client runs none.")
    )
    export: str | None = field(
        metadata=doc("The line of a shell's profile that the entry reads the token by; null: none.")
    )
    steps: tuple[str, ...] = field(metadata=doc("What is to be done besides."))
    last_heard_at: datetime | None = field(
        metadata=doc(
            "When it last called a tool or a hook of this Sage, to an hour, UTC: with a token of"
            " the caller's, or with any for SAGE_TOKEN. Null for never."
        )
    )


@dataclass(frozen=True, slots=True)
class ClientList(Answer):
    """The AI clients, in the order in which `sage connect` lists them."""

    mcp_url: str = field(metadata=doc("The address that clients connect to."))
    token_required: bool = field(metadata=doc("Whether they must show a token."))
    client_file: str = field(
        metadata=doc("The address of `sage-client.pyz`, for machines without Sage.")
    )
    clients: tuple[ConnectableClient, ...] = field(metadata=doc("The clients."))
