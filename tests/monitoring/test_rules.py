"""Alerts fire when they should, and somebody who is woken finds out what to do."""

import re

import pytest

from tests.docs.pages import anchors
from tests.monitoring.conftest import MONITORING, read_yaml

RULES = MONITORING / "rules"
HERE = MONITORING.parents[1] / "tests" / "monitoring"
CASES = (HERE / "alerts.yml", HERE / "alerts_of_days.yml")
RUNBOOKS = MONITORING.parents[1] / "docs" / "runbooks.md"


def rules_of(file):
    return [rule for group in read_yaml(RULES / file)["groups"] for rule in group["rules"]]


ALERTS = rules_of("alerts.yml")
every_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])


@pytest.mark.parametrize("file", ["alerts.yml", "recording.yml"])
def test_the_rules_are_valid_and_named_well(check, file):
    code, said = check("promtool", "check", "rules", "--lint=all", "--lint-fatal", RULES / file)
    assert code == 0, said


def test_a_rule_that_is_wrong_is_found(check, tmp_path):
    (tmp_path / "wrong.yml").write_text("groups: [{name: a, rules: [{alert: A, expr: 'up =='}]}]")
    assert check("promtool", "check", "rules", tmp_path / "wrong.yml")[0] != 0


def test_the_configurations_are_valid(check):
    code, said = check("promtool", "check", "config", MONITORING / "prometheus.yml")
    assert code == 0, said
    assert "2 rule files found" in said
    code, said = check("amtool", "check-config", MONITORING / "alertmanager.yml")
    assert code == 0, said


def test_every_case_comes_out_as_written(check):
    code, said = check("promtool", "test", "rules", *CASES)
    assert code == 0, said


@every_alert
def test_an_alert_is_tested_to_fire_and_not_to_fire(alert):
    cases = [
        bool(case["exp_alerts"])
        for file in CASES
        for test in read_yaml(file)["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert["alert"]
    ]
    assert set(cases) == {True, False}


@every_alert
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert):
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert page == "docs/runbooks.md"
    assert anchor in anchors(RUNBOOKS.read_text(encoding="utf-8"))


def test_the_page_about_monitoring_lists_every_alert():
    text = (RUNBOOKS.parent / "monitoring.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(runbooks.md#(\w+)\) \| (\w+) \|", text, re.MULTILINE)
    assert listed == [
        (alert["alert"], alert["alert"].lower(), alert["labels"]["severity"]) for alert in ALERTS
    ]


def test_the_runbooks_are_about_alerts_that_exist():
    headings = re.findall(r"^## (\w+)$", RUNBOOKS.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [alert["alert"] for alert in ALERTS]
