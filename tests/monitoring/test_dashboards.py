"""Dashboards that Grafana can show, and whose every panel has something to show."""

import json
import re
import subprocess
import sys

import pytest
import yaml

from tests.monitoring.conftest import MONITORING, read_yaml

GRAFANA = MONITORING / "grafana"
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))
UNITS = {"none", "short", "s", "bytes", "percentunit", "reqps", "cps"}  # of Grafana's unit picker

every_dashboard = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def panels_of(file):
    return json.loads(file.read_text(encoding="utf-8"))["panels"]


def expressions_of(file):
    """Give the expressions of a dashboard with Grafana's variables filled in."""
    return [
        target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".+")
        for panel in panels_of(file)
        for target in panel["targets"]
    ]


def test_the_dashboards_in_the_tree_are_the_ones_that_are_made(tmp_path):
    copy = tmp_path / "grafana"
    copy.mkdir()
    for file in GRAFANA.glob("*.py"):
        (copy / file.name).write_bytes(file.read_bytes())
    (copy / "dashboards").mkdir()
    subprocess.run([sys.executable, copy / "make_dashboards.py"], check=True)
    made = {file.name: file.read_text(encoding="utf-8") for file in copy.glob("dashboards/*")}
    assert made == {file.name: file.read_text(encoding="utf-8") for file in FILES}


@every_dashboard
def test_every_panel_says_what_it_shows_in_which_unit(file):
    for panel in panels_of(file):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["type"] in {"timeseries", "stat"}
        assert panel["targets"]
        for target in panel["targets"]:
            assert "$instance" in target["expr"]
            assert target["legendFormat"]
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@every_dashboard
def test_panels_stand_side_by_side_within_the_page(file):
    taken = set()
    for panel in panels_of(file):
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
    assert len({panel["id"] for panel in panels_of(file)}) == len(panels_of(file))


@every_dashboard
def test_every_expression_is_one_of_prometheus(check, file, tmp_path):
    code, said = check("promtool", "check", "rules", as_rules(expressions_of(file), tmp_path))
    assert code == 0, said


def test_an_expression_that_is_none_is_found(check, tmp_path):
    code, said = check("promtool", "check", "rules", as_rules(["up", "rate(up[5m]"], tmp_path))
    assert code != 0
    assert "panel:1" in said


def as_rules(expressions, folder):
    """Write expressions as rules, which promtool reads."""
    rules = [{"record": f"panel:{n}", "expr": text} for n, text in enumerate(expressions)]
    document = {"groups": [{"name": "panels", "rules": rules}]}
    (folder / "panels.yml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder / "panels.yml"


def test_grafana_finds_the_dashboards_and_prometheus():
    (provider,) = read_yaml(GRAFANA / "provisioning/dashboards/sage.yml")["providers"]
    (source,) = read_yaml(GRAFANA / "provisioning/datasources/prometheus.yml")["datasources"]
    assert source["type"] == "prometheus"
    assert source["isDefault"]
    mounts = re.findall(
        r"- \./(\S+):(\S+):ro", (MONITORING.parents[1] / "docker-compose.yml").read_text()
    )
    places = {target: MONITORING.parents[1] / there for there, target in mounts}
    assert places[provider["options"]["path"]] == GRAFANA / "dashboards"
    assert places["/etc/grafana/provisioning"] == GRAFANA / "provisioning"
    assert all(place.exists() for place in places.values())
