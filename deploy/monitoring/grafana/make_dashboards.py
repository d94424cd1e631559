"""Write the dashboards for Grafana: `python3 deploy/monitoring/grafana/make_dashboards.py`.

The other modules define the panels, this one writes them as JSON and places them.
A test checks that the files in the tree are up to date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overview import OVERVIEW
from queue_and_models import MODELS
from resources import RESOURCES
from search_and_save import SEARCH_AND_SAVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from panel import Dashboard, Panel

FOLDER = Path(__file__).with_name("dashboards")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
DASHBOARDS = (OVERVIEW, SEARCH_AND_SAVE, MODELS, RESOURCES)


def dashboard_json(dashboard: Dashboard) -> str:
    """Write one dashboard."""
    document = {
        "uid": f"sage-{dashboard.name}",
        "title": f"Sage: {dashboard.title}",
        "description": dashboard.description,
        "tags": ["sage"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "graphTooltip": 1,
        "links": [
            {
                "title": "Sage",
                "type": "dashboards",
                "tags": ["sage"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "templating": {"list": [_data_source(), _instances()]},
        "annotations": {"list": []},
        "panels": list(_placed(dashboard.panels)),
    }
    return json.dumps(document, indent=2) + "\n"


def _data_source() -> dict[str, Any]:
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "hide": 0,
    }


def _instances() -> dict[str, Any]:
    query = "label_values(sage_build_info, instance)"
    return {
        "name": "instance",
        "label": "Instance",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": "instances"},
        "definition": query,
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "hide": 0,
    }


def _placed(panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    """Lay panels out from left to right, in rows as high as their first panel."""
    x = y = height = 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > COLUMNS:
            x, y = 0, y + height
        if x == 0:
            height = panel.height
        position = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        yield _panel(panel) | {"id": number, "gridPos": position}
        x += panel.width


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                **({"max": panel.maximum} if panel.maximum is not None else {}),
                **({"mappings": [_words(panel.words)]} if panel.words else {}),
                "thresholds": {
                    "mode": "absolute",
                    "steps": [
                        {"color": color, "value": value} for value, color in panel.thresholds
                    ],
                },
                "color": {"mode": "thresholds" if panel.kind == "stat" else "palette-classic"},
            },
            "overrides": [],
        },
        "options": _STAT_OPTIONS if panel.kind == "stat" else _SERIES_OPTIONS,
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend,
                "instant": panel.kind == "stat",
                "range": panel.kind != "stat",
            }
            for number, (expression, legend) in enumerate(panel.series)
        ],
    }


def _words(words: Sequence[tuple[str, str]]) -> dict[str, Any]:
    options = {value: {"text": text, "index": index} for index, (value, text) in enumerate(words)}
    return {"type": "value", "options": options}


_STAT_OPTIONS = {
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    "colorMode": "value",
    "graphMode": "none",
    "textMode": "auto",
    "orientation": "auto",
    "justifyMode": "auto",
}
_SERIES_OPTIONS = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
    "tooltip": {"mode": "multi", "sort": "desc"},
}


if __name__ == "__main__":
    for dashboard in DASHBOARDS:
        (FOLDER / f"{dashboard.name}.json").write_text(dashboard_json(dashboard), "utf-8")
