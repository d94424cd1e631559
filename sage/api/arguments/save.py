"""Arguments of saving and forgetting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.api.arguments.strict import Arguments, Flag, JsonString, either
from sage.domain import limits
from sage.domain.ids import named_id, split_ids
from sage.domain.memories import Correction, ForgetRequest, Message, Role, SaveRequest
from sage.domain.validation import validate_text, validate_time
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import datetime

    from sage.domain.caller import Caller

_TIME_EXAMPLES = ["2026-05-08T13:56:00Z", "2026-05-08T15:56:00+02:00"]


class MessageArguments(Arguments):
    """One message of a conversation."""

    role: str = Field(
        description="Who speaks.",
        json_schema_extra={"enum": [str(role) for role in Role]},
    )
    content: str = Field(
        description="What was said, word for word.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_CONTENT_CHARS},
    )
    name: str | None = Field(
        default=None,
        description="The speaker's name, when known.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    created_at: str | None = Field(
        default=None,
        description="When it was said, ISO 8601, for imports; UTC without an offset. Default: now.",
        json_schema_extra={"format": "date-time"},
    )

    def to_message(self, field: str, created_at: datetime | None) -> Message:
        """Build the domain's message; `created_at` is the default of its time.

        Raises InvalidInputError that names `field` and the part of it.
        """
        return Message.validate(
            self.role, self.content, self.name, self.created_at or created_at, field=field
        )


_Messages = Annotated[
    list[MessageArguments], Field(min_length=1, max_length=limits.MAX_MESSAGES_PER_SAVE)
]


_Replaced = Annotated[list[str], Field(max_length=limits.MAX_REPLACED)]


class SaveArguments(SpaceArguments):
    """The arguments of save_conversation: a pair of prompt and response, or a list of messages."""

    model_config = either(("user_prompt", "assistant_response"), ("messages",))
    for_programs = frozenset({"idempotency_key", "created_at"})

    user_prompt: str | None = Field(
        default=None,
        description="What the user said, word for word.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_CONTENT_CHARS},
    )
    assistant_response: str | None = Field(
        default=None,
        description="What you answered, shortened to what is worth keeping.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_CONTENT_CHARS},
    )
    messages: Annotated[_Messages | None, JsonString] = Field(
        default=None,
        description=(
            "The messages in the order they were said, instead of user_prompt and "
            "assistant_response."
        ),
    )
    session_id: str | None = Field(
        default=None,
        description=(
            "The conversation to continue: the session_id of an earlier save, or a text of your "
            "own. Default: a new one."
        ),
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    metadata: Annotated[dict[str, Any] | None, JsonString] = Field(
        default=None,
        description="Tags to filter searches by.",
        examples=[{"project": "garden", "topic": "tomatoes"}],
    )
    replaces: Annotated[_Replaced | None, JsonString] = Field(
        default=None,
        description="Ids of messages that no longer hold because of this.",
    )
    idempotency_key: str | None = Field(
        default=None,
        description=(
            "A name of your own for this save. Sent again with the same body it returns the first "
            "answer and stores nothing twice; with another body it is refused."
        ),
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_IDEMPOTENCY_KEY_CHARS},
    )
    created_at: str | None = Field(
        default=None,
        description=(
            "When it was said, for messages that carry no created_at: ISO 8601; without an offset "
            "it is UTC. Now when left out."
        ),
        examples=_TIME_EXAMPLES,
        json_schema_extra={"format": "date-time"},
    )

    @property
    def chars(self) -> int:
        """The number of characters of content to validate."""
        pair = (self.user_prompt or "", self.assistant_response or "")
        return sum(map(len, (*pair, *(message.content for message in self.messages or ()))))

    def to_request(self, caller: Caller) -> SaveRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        replaces, replaces_short = split_ids("replaces", self.replaces or ())
        return SaveRequest(
            messages=self._said(),
            session_id=self.session_id,
            metadata=self.metadata or {},
            idempotency_key=self.idempotency_key,
            space_id=caller.space_id,
            replaces=replaces,
            replaces_short=replaces_short,
            author=caller.author,
            source=caller.via,
        )

    def _said(self) -> tuple[Message, ...]:
        created_at = _time("created_at", self.created_at)
        pair = (self.user_prompt, self.assistant_response)
        match self.messages, pair:
            case None, (None, None):
                raise InvalidInputError(
                    "messages",
                    "{field} is missing, and so are user_prompt and assistant_response",
                    hint="pass user_prompt and assistant_response, or messages",
                )
            case None, (str(prompt), str(response)):
                return (
                    _message(Role.USER, "user_prompt", prompt, created_at),
                    _message(Role.ASSISTANT, "assistant_response", response, created_at),
                )
            case None, (prompt, _):
                raise InvalidInputError(
                    "user_prompt" if prompt is None else "assistant_response",
                    "{field} is missing; user_prompt and assistant_response go together",
                    hint="pass both, or pass a single message as messages",
                )
            case messages, (None, None):
                return tuple(
                    message.to_message(f"messages[{number}]", created_at)
                    for number, message in enumerate(messages)
                )
            case _:
                raise InvalidInputError(
                    "messages",
                    "{field} cannot be combined with user_prompt or assistant_response",
                    hint="pass user_prompt and assistant_response, or messages, not both",
                )


_Ids = Annotated[list[str], Field(min_length=1, max_length=limits.MAX_FORGET_IDS)]


class CorrectArguments(SpaceArguments):
    """The new text of a memory."""

    content: str = Field(
        description="The complete new text.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_CONTENT_CHARS},
    )

    def to_correction(self, caller: Caller, memory_id: str) -> Correction:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return Correction(
            named_id("memory_id", memory_id),
            self.content,
            caller.space_id,
            caller.author,
            caller.via,
        )


class ForgetArguments(SpaceArguments):
    """The arguments of forget_memory: ids of memories, or a whole session."""

    model_config = either(("memory_ids",), ("session_id",))

    memory_ids: Annotated[_Ids | None, JsonString] = Field(
        default=None,
        description="Ids from search_memory or save_conversation, whole or short.",
    )
    session_id: str | None = Field(
        default=None,
        description="The conversation to forget, instead of memory_ids.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    undo: Flag = Field(
        default=False,
        description="Bring back what was forgotten, by the same ids or session.",
    )

    def to_request(self, caller: Caller) -> ForgetRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        memory_ids, short_ids = split_ids("memory_ids", self.memory_ids or ())
        return ForgetRequest(
            memory_ids=memory_ids,
            short_ids=short_ids,
            session_id=self.session_id,
            undo=self.undo,
            space_id=caller.space_id,
            author=caller.author,
        )


def _message(role: Role, field: str, text: str, created_at: datetime | None) -> Message:
    content = validate_text(field, text, limits.MAX_CONTENT_CHARS)
    return Message(role, content, created_at=created_at)


def _time(field: str, when: str | None) -> datetime | None:
    return None if when is None else validate_time(field, when)
