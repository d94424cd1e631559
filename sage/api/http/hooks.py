"""Routes for the hooks of AI clients (`sage hook`): recall before a prompt, capture after it."""

from __future__ import annotations

from time import perf_counter

from fastapi import APIRouter

from sage.access.audit.event import note_action, note_ids, project_mark, session_mark
from sage.access.authorization import current_caller, current_principal
from sage.api.arguments import (  # noqa: TC001 - FastAPI reads the annotations
    CaptureArguments,
    MergeArguments,
    RecallArguments,
    SessionArguments,
    SightingArguments,
)
from sage.api.audit import audited
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.api.middleware.auth import HOOK_PATH
from sage.api.recall_log import record_hook
from sage.domain.caller import SpaceRole
from sage.domain.memories import ForgetReceipt  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.projects import (  # noqa: TC001 - FastAPI reads the annotations
    Recorded,
    RenameReceipt,
    Resemblance,
)
from sage.domain.recall import Captured, Recalled  # noqa: TC001 - FastAPI reads the annotations

router = APIRouter(prefix=HOOK_PATH, tags=["hooks"], responses=PROBLEMS)


@router.post("/recall")
async def recall(services: Opened, arguments: RecallArguments) -> Recalled:
    """Return the memories to recall in a session of a client; an empty text if there are none."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    began_at = perf_counter()
    request = arguments.to_request(caller)
    answer = audited(await services.recall.recall(request))
    record_hook(services.recall_log, arguments, request, answer)
    services.latencies.observe("recall", perf_counter() - began_at)
    return answer


@router.post("/capture")
async def capture(services: Opened, arguments: CaptureArguments) -> Captured:
    """Store messages of a client's transcript, each once, identified by `memory_id`."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    memories = arguments.to_memories(caller)
    note_action("capture")
    note_ids(one.memory_id for one in memories)
    return await services.capture.capture(arguments.client, memories)


@router.post("/forget")
async def forget(services: Opened, arguments: SessionArguments) -> ForgetReceipt:
    """Forget a captured session, or restore it within 30 days.

    The token of a machine affects only the messages that it saved itself.
    """
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    own = current_principal().of_machine
    request = arguments.to_request(caller, own=own)
    note_action("forget_memory")
    note_ids([session_mark(request.session_id)])
    return await services.capture.forget(request)


@router.post("/look-alike", summary="Find a similar project")
async def find_look_alike(services: Opened, arguments: SightingArguments) -> Resemblance:
    """Find the project that a directory without memories resembles. Nothing is recalled."""
    caller = current_caller(SpaceRole.READER, arguments.space)
    note_ids([project_mark(arguments.project)])
    return await services.projects.find_look_alike(arguments.to_sighting(caller))


@router.post("/identities")
async def record_identities(services: Opened, arguments: SightingArguments) -> Recorded:
    """Record digests that identify the repository of a project on other machines."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    note_ids([project_mark(arguments.project)])
    return await services.projects.record(arguments.to_sighting(caller))


@router.post("/merge")
async def merge_projects(services: Opened, arguments: MergeArguments) -> RenameReceipt:
    """Merge the project of a directory into another one, as requested by the user of the client."""
    caller = current_caller(SpaceRole.WRITER, arguments.space)
    note_ids([project_mark(arguments.old), project_mark(arguments.new)])
    return await services.projects.merge(arguments.to_request(caller))
