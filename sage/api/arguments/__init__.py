"""The arguments of the tools: one set of models for MCP and REST, and the published schemas."""

from sage.api.arguments.accounts import (
    ConfirmArguments,
    ErasedAuthorArguments,
    EventArguments,
    LatencyArguments,
    NameArguments,
    SpaceChangeArguments,
    SpacesArguments,
    TokenArguments,
)
from sage.api.arguments.browsing import (
    ActivityArguments,
    DetailsArguments,
    ForgottenArguments,
    GivenArguments,
    MemoriesArguments,
    ReadArguments,
    SessionPartArguments,
    SessionsArguments,
    TidyArguments,
)
from sage.api.arguments.hooks import CaptureArguments, RecallArguments, SessionArguments
from sage.api.arguments.imports import FileImportArguments, ImportArguments
from sage.api.arguments.projects import (
    MergeArguments,
    MoveArguments,
    SightingArguments,
)
from sage.api.arguments.save import (
    CorrectArguments,
    ForgetArguments,
    MessageArguments,
    SaveArguments,
)
from sage.api.arguments.search import ContextArguments, LocateArguments, SearchArguments
from sage.api.arguments.space import ManySpacesArguments, PageArguments, SpaceArguments
from sage.api.arguments.strict import Arguments, explain_invalid

__all__ = [
    "ActivityArguments",
    "Arguments",
    "CaptureArguments",
    "ConfirmArguments",
    "ContextArguments",
    "CorrectArguments",
    "DetailsArguments",
    "ErasedAuthorArguments",
    "EventArguments",
    "FileImportArguments",
    "ForgetArguments",
    "ForgottenArguments",
    "GivenArguments",
    "ImportArguments",
    "LatencyArguments",
    "LocateArguments",
    "ManySpacesArguments",
    "MemoriesArguments",
    "MergeArguments",
    "MessageArguments",
    "MoveArguments",
    "NameArguments",
    "PageArguments",
    "ReadArguments",
    "RecallArguments",
    "SaveArguments",
    "SearchArguments",
    "SessionArguments",
    "SessionPartArguments",
    "SessionsArguments",
    "SightingArguments",
    "SpaceArguments",
    "SpaceChangeArguments",
    "SpacesArguments",
    "TidyArguments",
    "TokenArguments",
    "explain_invalid",
]
