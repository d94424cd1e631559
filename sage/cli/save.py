"""`sage save`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.domain.answer_json import to_json
from sage.domain.text.wording import counted, kinds_text, one_line
from sage.domain.validation import validate_time
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.memories import Message, SaveReceipt


@verb(
    "save",
    argument("user", nargs="?", metavar="USER", help="what the user said"),
    argument("assistant", nargs="?", metavar="ASSISTANT", help="what the assistant answered"),
    argument("-f", "--file", metavar="FILE", help="read messages from FILE; - for standard input"),
    argument("--session", metavar="ID", help="session to add to (default: a new one)"),
    argument("--metadata", metavar="JSON", help="JSON object stored with each message"),
    argument(
        "--created-at",
        metavar="TIME",
        help="time of the messages: ISO 8601 or words such as yesterday (default: now)",
    ),
    argument("--replaces", nargs="+", metavar="ID", help="memories that these messages replace"),
    argument("--idempotency-key", metavar="KEY", help="save only once, even if repeated"),
    SPACE,
    JSON,
    examples=(
        'sage save "Which tea?" "Mei likes oolong." --session tea',
        "sage save --file conversation.json",
        "tail -n 20 chat.jsonl | sage save --file - --session chat",
    ),
    details="A file contains a JSON array of messages, an object with such an array under"
    " 'messages', or one message per line (JSON Lines). Fields of a message: role, content,"
    " and optionally name, created_at. Put -- before a text that begins with a dash.",
)
def save(args: Namespace, console: Console) -> int:
    """Save a conversation from the command line, from a file or from standard input."""
    memories = AskedMemories(args)
    given, messages = _given(args, memories.timezone)

    def report(receipt: SaveReceipt) -> None:
        if args.json:
            console.write_json(to_json(receipt))
        else:
            _report(receipt, console)
        console.flush()

    memories.ask(lambda there: there.save(given, messages, report, console))
    return OK


def _given(args: Namespace, timezone: tzinfo) -> tuple[dict[str, object], Sequence[Message] | None]:
    """Return the arguments of a save, and the messages of a file. Raises InvalidInputError."""
    from sage.cli.views.times import to_iso

    created_at = to_iso("created_at", args.created_at, timezone)
    options = {
        "user_prompt": args.user,
        "assistant_response": args.assistant,
        "session_id": args.session,
        "metadata": args.metadata,
        "replaces": args.replaces,
        "idempotency_key": args.idempotency_key,
        "created_at": created_at,
    }
    given = {name: value for name, value in options.items() if value is not None}
    match args.file, args.user, args.assistant:
        case None, None, None:
            raise InvalidInputError(
                "USER",
                "{field} is missing",
                hint="pass the user's message and the answer, or --file",
            )
        case None, _, None:
            raise InvalidInputError(
                "ASSISTANT", "{field} is missing", hint="pass the answer as the second argument"
            )
        case None, _, _:
            return given, None
        case file, None, None:
            from sage.cli.saving.message_file import read_messages

            when = None if created_at is None else validate_time("created_at", created_at)
            return given, read_messages(file, when)
        case _:
            raise InvalidInputError(
                "--file", "{field} cannot be combined with texts", hint="pass one of the two"
            )


def _report(receipt: SaveReceipt, console: Console) -> None:
    memories = counted(len(receipt.memory_ids), "memory", "memories")
    line = phrase(
        "{saved} {memories} in session {session}"
        if receipt.saved
        else "already stored: {memories} in session {session}",
        saved=phrase("saved"),
        memories=memories,
        session=one_line(receipt.session_id),
    )
    console.write(*styled(line, saved=Style.GOOD, session=Style.NAME))
    if receipt.masked:
        console.write(phrase("masked: {kinds}", kinds=kinds_text(receipt.masked)))
