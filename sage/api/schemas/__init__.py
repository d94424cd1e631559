"""What the tools take and give: one set of models for MCP and REST, and the published schemas."""

from sage.api.schemas.page_arguments import PageArguments
from sage.api.schemas.save_arguments import (
    ForgetArguments,
    MessageArguments,
    NoArguments,
    SaveArguments,
)
from sage.api.schemas.search_arguments import ContextArguments, SearchArguments
from sage.api.schemas.strict import Arguments, explain_invalid

__all__ = [
    "Arguments",
    "ContextArguments",
    "ForgetArguments",
    "MessageArguments",
    "NoArguments",
    "PageArguments",
    "SaveArguments",
    "SearchArguments",
    "explain_invalid",
]
