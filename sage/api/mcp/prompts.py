"""The prompt: a question preceded by memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from mcp.server.mcpserver.prompts.base import Message, Prompt, PromptArgument, UserMessage
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from pydantic import Field

from sage.access.authorization import current_caller
from sage.api.arguments import Arguments, ContextArguments
from sage.api.audit import audited
from sage.api.problems import error_phrases, format_crash, format_error
from sage.api.recall_log import record_found
from sage.domain.caller import SpaceRole
from sage.domain.recall_log import RecallTrigger
from sage.errors import InvalidInputError, NotFoundError, SageError
from sage.telemetry.logs import get_logger, request_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.bootstrap import Services

AUTO_CONTEXT_INJECTION = "auto_context_injection"

log = get_logger(__name__)


class PromptArguments(Arguments):
    """The arguments of the prompt."""

    query: str = Field(description="The question to answer.")
    session_id: str | None = Field(default=None, description="Only memories of this session.")
    space: str | None = Field(
        default=None,
        description="Which memory, where the token opens several; `*`: all of them.",
    )


class RecallPrompt(Prompt):
    """Reports invalid arguments in both protocol eras; the SDK does so in one."""

    async def render(self, arguments: dict[str, Any] | None, context: object) -> list[Message]:  # noqa: ARG002 - the SDK's
        """Gather the context. Raises MCPError."""
        try:
            asked = PromptArguments.parse(arguments or {})
            return [UserMessage(await cast("Awaitable[str]", self.fn(**dict(asked))))]
        except (InvalidInputError, NotFoundError) as error:
            raise _as_mcp_error(INVALID_PARAMS, error) from error
        except SageError as error:
            raise _as_mcp_error(INTERNAL_ERROR, error) from error
        except Exception as error:  # the last resort: a client sees no internals
            identifier = request_id.get() or uuid4().hex
            log.exception("prompt_crashed", request_id=identifier)
            raise MCPError(code=INTERNAL_ERROR, message=format_crash(identifier)) from error


def _as_mcp_error(code: int, error: SageError) -> MCPError:
    phrases = error_phrases(error)
    data = {"phrases": phrases} if phrases else None
    return MCPError(code=code, message=format_error(error), data=data)


def published_prompt(services: Callable[[], Services]) -> Prompt:
    """Build the prompt for the SDK."""

    async def recall(query: str, session_id: str | None, space: str | None) -> str:
        asked = ContextArguments(query=query, session_id=session_id)
        caller = current_caller(SpaceRole.READER, space, takes_all=True)
        request = asked.to_request(caller)
        answer = audited(await services().memory.context(request))
        record_found(services().recall_log, RecallTrigger.CONTEXT, caller, query, answer)
        context = answer.context
        return f"{context}\n\n{query}" if context else query

    return RecallPrompt(
        name=AUTO_CONTEXT_INJECTION,
        title="Answer with what is remembered",
        description="Puts what Sage remembers about a question in front of it.",
        arguments=[
            PromptArgument(name=name, description=field.description, required=field.is_required())
            for name, field in PromptArguments.model_fields.items()
        ],
        fn=recall,
        context_kwarg=None,
    )
