"""Rules across variables: each takes the whole configuration and yields its violations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.rules import database, production, providers, server

if TYPE_CHECKING:
    from sage.config.rules.rule import Draft
    from sage.errors import ConfigurationProblem

RULES = (*database.RULES, *server.RULES, *providers.RULES, *production.RULES)


def broken_rules(draft: Draft, invalid: frozenset[str]) -> list[ConfigurationProblem]:
    """Apply every rule except those about a variable that is itself invalid."""
    return [problem for rule in RULES for problem in rule.problems(draft, invalid)]
