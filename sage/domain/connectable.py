"""The AI clients that Sage supports, and how to connect each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sage.domain.answer import Answer, doc


class ConfigFormat(StrEnum):
    """The format of the configuration file of a client."""

    JSON = "json"
    TOML = "toml"


@dataclass(frozen=True, slots=True)
class ConnectableClient(Answer):
    """An AI client, and how to connect it to this Sage."""

    name: str = field(metadata=doc("The identifier of the client, as in `sage connect`."))
    title: str = field(metadata=doc("The display name of the client."))
    file: str = field(
        metadata=doc(
            "The configuration file of the user that contains the entry; empty if there is none."
        )
    )
    project_file: str = field(
        metadata=doc(
            "The configuration file of a project that can contain the entry instead; empty if none."
        )
    )
    format: ConfigFormat = field(metadata=doc("The format of the entry."))
    entry: str = field(
        metadata=doc("The entry to add to the file. It refers to the token without containing it.")
    )
    entry_elsewhere: str | None = field(
        metadata=doc(
            "The entry on a machine without Sage; null if the client can only start programs."
        )
    )
    starts_sage: bool = field(
        metadata=doc(
            "Whether the client starts Sage itself and therefore needs it on the same machine."
        )
    )
    link: str | None = field(
        metadata=doc(
            "A link that adds Sage to the client when opened; null if the client has none."
        )
    )
    command: str | None = field(
        metadata=doc(
            "The command that adds the entry on the machine of Sage; null if there is no file."
        )
    )
    hook_command: str | None = field(
        metadata=doc("The command that also adds hooks; null if the client does not support hooks.")
    )
    command_elsewhere: str | None = field(
        metadata=doc("The command to run on another machine; null if there is none.")
    )
    hook_command_elsewhere: str | None = field(
        metadata=doc("The command for another machine that also adds hooks; null if there is none.")
    )
    export: str | None = field(
        metadata=doc(
            "The line of a shell profile that sets the token for the entry; null if none is needed."
        )
    )
    steps: tuple[str, ...] = field(metadata=doc("Further steps to do by hand."))
    last_heard_at: datetime | None = field(
        metadata=doc(
            "When the client last called a tool or a hook of this Sage, UTC, to the hour:"
            " with a token of the caller, or with any token if the caller uses SAGE_TOKEN."
            " Null if never."
        )
    )


@dataclass(frozen=True, slots=True)
class ClientList(Answer):
    """The AI clients, in the order in which `sage connect` lists them."""

    mcp_url: str = field(metadata=doc("The URL that clients connect to."))
    token_required: bool = field(metadata=doc("Whether clients need a token."))
    client_file: str = field(
        metadata=doc("The URL of `sage-client.pyz`, for machines without Sage.")
    )
    clients: tuple[ConnectableClient, ...] = field(metadata=doc("The clients."))
