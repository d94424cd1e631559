"""A configuration before its rules are applied, and the form of a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from sage.config.choices import Environment
from sage.config.value import DEFAULT
from sage.errors import ConfigurationProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sage.config.container import Container
    from sage.config.settings import Settings
    from sage.config.value import Value


@dataclass(frozen=True, slots=True)
class Draft:
    """Settings whose single values are valid, with their origins.

    `values` has the values that were set, not the defaults. `listens` is False for commands that
    open no port, which need no rules about who may connect.
    """

    settings: Settings
    values: Mapping[str, Value]
    container: Container
    listens: bool

    def problem(
        self, name: str, message: str, hint: str, *, warning: bool = False
    ) -> ConfigurationProblem:
        """Return a problem of a variable, with its origin."""
        return ConfigurationProblem(name, self.origin(name), message, hint, warning=warning)

    def origin(self, name: str) -> str:
        """Return the layer that sets a variable."""
        return self.values[name].origin if name in self.values else DEFAULT


RuleCheck: TypeAlias = "Callable[[Draft], Iterator[ConfigurationProblem]]"


@dataclass(frozen=True, slots=True)
class SettingsRule:
    """A check across variables.

    It is skipped if a variable in `names` is invalid by itself. A rule for `production` only warns
    in staging, so that a mistake shows before production, and is skipped in development.
    """

    check: RuleCheck
    names: frozenset[str]
    production: bool = False

    def problems(self, draft: Draft, invalid: frozenset[str]) -> Iterator[ConfigurationProblem]:
        """Yield the violations of the rule; `invalid` names the variables already reported."""
        env = draft.settings.env
        if not self.names.isdisjoint(invalid) or (self.production and env is Environment.DEV):
            return
        for problem in self.check(draft):
            warns = problem.warning or (self.production and env is Environment.STAGING)
            yield replace(problem, warning=warns)


def rule(*names: str, production: bool = False) -> Callable[[RuleCheck], SettingsRule]:
    """Return a decorator that makes a generator of problems a rule about the variables `names`."""
    return lambda check: SettingsRule(check, frozenset(names), production)
