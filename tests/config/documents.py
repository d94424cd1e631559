"""What is made from the declarations of settings, brought up to date.

`python -m tests.config.documents` writes it: `.env.example`, the tables of the pages on settings,
the names for commands that do not load pydantic, and the names that the Helm chart takes.
"""

import json
import re

from sage.config.reference import render_env_example, render_reference
from sage.config.variables import VARIABLES
from sage.phrases.language import CHINESE, ENGLISH
from tests.architecture.sources import ROOT

PAGES = {ENGLISH: ROOT / "docs/configuration.md", CHINESE: ROOT / "docs/zh/configuration.md"}
SECRETS = {variable.name for variable in VARIABLES if variable.is_secret}
NOT_IN_THE_CHART = {  # what the chart sets itself, or what has no meaning in a pod
    *("MCP_SERVER_HOST", "MCP_SERVER_PORT", "SAGE_METRICS_HOST", "SAGE_METRICS_PORT"),
    *("SAGE_CONFIG", "SAGE_DATA_DIR"),
    *("SAGE_BACKUP_DIR", "SAGE_BACKUP_KEEP", "SAGE_BACKUP_SCHEDULE"),  # a CronJob does it
}
CHART_SETTINGS = {variable.name for variable in VARIABLES} - SECRETS - NOT_IN_THE_CHART
_SCHEMA = ROOT / "deploy/helm/sage/values.schema.json"
_NAMES = '''\
"""Each variable with its place among the settings, for commands that do not load pydantic.

Generated from the declarations by `python -m tests.config.documents`.
"""

import types

PATHS = types.MappingProxyType(
    {{
{entries}
    }}
)
"""The path of each variable, `server.port`; that of SAGE_CONFIG is empty."""

NAMES = types.MappingProxyType({{path: name for name, path in PATHS.items() if path}})
"""The variable at each path."""
'''


def documents():
    """Return the text of each file, by its path."""
    entries = "\n".join(f'        "{variable.name}": "{variable.path}",' for variable in VARIABLES)
    return {
        ROOT / ".env.example": render_env_example(),
        **{page: render_reference(page.read_text(), language) for language, page in PAGES.items()},
        ROOT / "sage/config/names.py": _NAMES.format(entries=entries),
        _SCHEMA: _chart_schema(),
    }


def _chart_schema():
    """Return the schema of the chart's values with the present names in its lists of names."""

    def listed(match):
        known = SECRETS if "DATABASE_URL" in match[0] else CHART_SETTINGS
        return match[1] + f",\n{match[2]}".join(map(json.dumps, sorted(known)))

    names = r'("enum": \[\n( +))"[A-Z_]+"(?:,\s+"[A-Z_]+")*'
    return re.sub(names, listed, _SCHEMA.read_text())


if __name__ == "__main__":
    for file, text in documents().items():
        file.write_text(text)
