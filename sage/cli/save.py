"""`sage save`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.api.answer_json import to_json_object
from sage.api.arguments import SaveArguments
from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.space_option import add_space, in_space
from sage.domain.caller import Caller
from sage.domain.provenance import Via
from sage.errors import InvalidInputError
from sage.saving.parts import save_in_parts, split_file
from sage.saving.vectors import await_vectors
from sage.terminal.console import Style
from sage.terminal.text import counted, kinds_text, one_line
from sage.views.times import to_iso

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.bootstrap import Services
    from sage.cli.parsing import VerbParser
    from sage.domain.memories import SaveReceipt, SaveRequest
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the conversation to keep."""
    parser.describe(
        save,
        examples=(
            'sage save "Which tea?" "Mei likes oolong." --session tea',
            "sage save --file conversation.json",
            "tail -n 20 chat.jsonl | sage save --file - --session chat",
        ),
        details="A file contains a JSON array of messages, an object with such an array under"
        " 'messages', or one message per line (JSON Lines). Fields of a message: role, content,"
        " and optionally name, created_at. Put -- before a text that begins with a dash.",
    )
    parser.add_argument("user", nargs="?", metavar="USER", help="what the user said")
    parser.add_argument(
        "assistant", nargs="?", metavar="ASSISTANT", help="what the assistant answered"
    )
    parser.add_argument(
        "-f", "--file", metavar="FILE", help="read messages from FILE; - for standard input"
    )
    parser.add_argument("--session", metavar="ID", help="session to add to (default: a new one)")
    parser.add_argument("--metadata", metavar="JSON", help="JSON object stored with each message")
    parser.add_argument(
        "--created-at",
        metavar="TIME",
        help="time of the messages: ISO 8601 or words such as yesterday (default: now)",
    )
    parser.add_argument(
        "--replaces", nargs="+", metavar="ID", help="memories that these messages replace"
    )
    parser.add_argument("--idempotency-key", metavar="KEY", help="save only once, even if repeated")
    add_space(parser)
    parser.add_json()


def save(args: Namespace, console: Console) -> int:
    """Keep a conversation from the command line, from a file or from standard input."""
    settings = settings_of(args)
    requests = _requested(args, settings.timezone)

    async def work(services: Services, space_id: str) -> None:
        meant = [replace(request, space_id=space_id) for request in requests]
        receipt = await save_in_parts(services, meant, console)
        if args.json:
            console.write_json(to_json_object(receipt))
        else:
            _tell(receipt, console)
        console.flush()
        if receipt.saved:
            await await_vectors(services, space_id, console)

    in_space(args, work, settings, read_only=False)
    return OK


def _requested(args: Namespace, timezone: tzinfo) -> Sequence[SaveRequest]:
    given = {
        "user_prompt": args.user,
        "assistant_response": args.assistant,
        "session_id": args.session,
        "metadata": args.metadata,
        "replaces": args.replaces,
        "idempotency_key": args.idempotency_key,
        "created_at": to_iso("created_at", args.created_at, timezone),
    }
    arguments = SaveArguments.parse({k: value for k, value in given.items() if value is not None})
    match args.file, args.user, args.assistant:
        case None, None, None:
            raise InvalidInputError(
                "USER", "is missing", hint="pass what was said and what was answered, or --file"
            )
        case None, _, None:
            raise InvalidInputError(
                "ASSISTANT", "is missing", hint="pass what was answered as the second text"
            )
        case None, _, _:
            return (arguments.to_request(Caller(via=Via.CLI)),)
        case file, None, None:
            return split_file(file, arguments)
        case _:
            raise InvalidInputError(
                "--file", "cannot be combined with texts", hint="pass one of the two"
            )


def _tell(receipt: SaveReceipt, console: Console) -> None:
    memories = counted(len(receipt.memory_ids), "memory", "memories")
    session = (one_line(receipt.session_id), Style.NAME)
    if receipt.saved:
        console.write(("saved", Style.GOOD), f" {memories} in session ", session)
    else:
        console.write(f"already stored: {memories} in session ", session)
    if receipt.masked:
        console.write(f"masked: {kinds_text(receipt.masked)}")
