"""The documents made from the list of variables: `.env.example` and docs/configuration.md."""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from sage.config.deprecated import PRESENT_NAMES
from sage.config.explain import shown
from sage.config.fields import choices_of, default_of, is_secret, limits_of
from sage.config.sources import PROFILES
from sage.config.variables import GROUPS, VARIABLES

if TYPE_CHECKING:
    from sage.config.variables import Variable

_WIDTH = 98

_ENV_HEAD = """\
# Settings of Sage. Copy this file to .env; every line is optional, and an empty value is unset.
# The process environment wins over this file. Each NAME can also be given as NAME_FILE, the path
# to a file that holds the value. `sage config check` tells what is wrong, docs/configuration.md
# explains more. Keep .env to yourself (chmod 600): it may hold secrets.
"""

_PAGE_HEAD = """\
# Configuration

<!-- Made by render_reference() in sage/config/reference.py: change it there. -->

Sage runs with nothing set. To see what counts and where it comes from: `sage config show`. To see
everything that is wrong at once, each with its fix: `sage config check`.

## Where values come from

From the lowest to the highest; the highest that sets a variable counts:

1. the built-in default,
2. the profile of `SAGE_ENV` (below),
3. a TOML file: `SAGE_CONFIG`, else Sage's own `sage.toml`,
4. a `.env` file: `--env-file`, else Sage's own `.env`,
5. the process environment,
6. options of the command line.

An empty value is unset. Every variable can be given as `NAME_FILE` too, the path to a file that
holds the value, as Docker and Kubernetes hand out secrets; a line break at its end is taken off.
`NAME` and `NAME_FILE` in one layer are refused. Relative paths in a file count from its folder,
others from the working directory.

Sage's own files are those beside the start script of the checkout it runs from, else those in the
data folder; the first that exists is read. No command reads `.env` or `sage.toml` of the folder it
is called in: that may be another project's, with another project's database. A command that opens
another database than the embedded one of the default data folder says in one line on standard
error which, and which setting named it.

In the TOML file a setting stands in the table of its group, or under the name of its variable:

```toml
[server]
port = 17801
token_file = "/run/secrets/sage_token"

[log]
level = "debug"
```

In `.env` a line is `NAME=value`. Without quotes the value ends before ` #`; `'single quotes'` keep
it as it stands; `"double quotes"` read `\\n`, `\\t`, `\\"` and `\\\\`. `$OTHER` is not replaced.

A name that looks like a misspelt variable is reported with the one that was probably meant.
"""

_PAGE_RULES = """\
## Rules between variables

- The database is given as `DATABASE_URL` or as `DB_HOST`, `DB_NAME`, `DB_USER`, `DB_PASSWORD` and
  perhaps `DB_PORT`, not both. With neither, Sage runs its own PostgreSQL in the data folder.
- An address that other machines reach needs a token. So does `SAGE_AUTH=token`.
- `siliconflow` as a provider of anything needs `SILICONFLOW_API_KEY`; `openai` needs
  `EMBEDDING_BASE_URL`, and `EMBEDDING_MODEL` or `SUMMARY_MODEL`.
- A model Sage does not know needs `EMBEDDING_DIMENSIONS`; one that it knows takes only lengths it
  has.
- `SAGE_ENV=prod` asks for a token on every address, an `https` address in `SAGE_PUBLIC_URL` if
  there is one, a log level above `DEBUG`, and in a container a database outside of it.

A configuration that breaks a rule is refused with exit code 78, and all of it is listed. Whether
the folder can be written to, the port is free and the database answers is tried by
`sage config check` and `sage doctor`.
"""


def render_env_example() -> str:
    """Write `.env.example`: every variable in its group, explained, with an empty value."""
    lines = [_ENV_HEAD]
    for group, variables in groupby(VARIABLES, key=lambda variable: variable.group):
        title = f"# --- {GROUPS[group]} "
        lines.append(title + "-" * (_WIDTH - len(title)) + "\n")
        lines += [_entry(variable) for variable in variables]
    return "\n".join(lines)


def render_reference() -> str:
    """Write docs/configuration.md: where values come from, every variable, the rules."""
    parts = [_PAGE_HEAD, _profiles()]
    for group, variables in groupby(VARIABLES, key=lambda variable: variable.group):
        rows = "".join(_row(variable) for variable in variables)
        head = "| variable | in TOML | default | allowed | meaning |\n|---|---|---|---|---|\n"
        parts.append(f"## {GROUPS[group]}\n\n{head}{rows}")
    return "\n".join([*parts, _former(), _PAGE_RULES])


def _profiles() -> str:
    rows = "".join(
        f"| `{env}` | {', '.join(f'`{name}={raw}`' for name, raw in profile.items()) or 'nothing'}"
        " |\n"
        for env, profile in PROFILES.items()
    )
    return f"## Profiles\n\n| profile | sets |\n|---|---|\n{rows}"


def _former() -> str:
    rows = "".join(f"| `{name}` | `{present}` |\n" for name, present in PRESENT_NAMES.items())
    return (
        "## Former names\n\nThey still count, with a warning each; a present name beside one "
        f"wins.\n\n| former | present |\n|---|---|\n{rows}"
    )


def _entry(variable: Variable) -> str:
    sentences = [variable.summary]
    if allowed := _allowed(variable):
        sentences.append(f"Allowed: {allowed}.")
    if default := shown(variable, default_of(variable)):
        sentences.append(f"Default: {default}.")
    comment = wrap(" ".join(sentences), _WIDTH - 2)
    if variable.example:
        comment.append(f"Example: {variable.example}")
    return "".join(f"# {line}\n" for line in comment) + f"{variable.name}=\n"


def _row(variable: Variable) -> str:
    path = f"`{variable.path}`" if variable.path else "-"
    default = shown(variable, default_of(variable))
    example = f" Example: `{variable.example}`." if variable.example else ""
    cells = (
        f"`{variable.name}`",
        path,
        f"`{default}`" if default else "-",
        _allowed(variable) or "-",
        variable.summary + example + (" Secret." if is_secret(variable) else ""),
    )
    return f"| {' | '.join(cells)} |\n"


def _allowed(variable: Variable) -> str:
    if choices_of(variable):
        return ", ".join(choices_of(variable))
    low, high = limits_of(variable)
    return "" if low is None else f"{low} to {high}"
