"""The Helm chart follows Sage; what Helm renders of it is checked by ci/helm."""

import json
import re
import subprocess
import sys

from sage import __version__
from sage.config.variables import VARIABLES
from tests.architecture.sources import ROOT
from tests.config.documents import CHART_SETTINGS, SECRETS

CHART = ROOT / "deploy" / "helm" / "sage"
SCHEMA = json.loads((CHART / "values.schema.json").read_text())["properties"]
RULES = (ROOT / "deploy" / "monitoring" / "rules", CHART / "rules")


def field(name):
    """Give the value of a field of Chart.yaml."""
    return re.search(rf'^{name}: "?([^"\n]+)', (CHART / "Chart.yaml").read_text(), re.MULTILINE)[1]


def test_the_chart_takes_every_setting_that_is_not_secret():
    assert set(SCHEMA["settings"]["propertyNames"]["enum"]) == CHART_SETTINGS


def test_the_chart_takes_every_secret_from_a_secret_alone():
    secret = SCHEMA["secret"]["properties"]
    assert set(secret["keys"]["items"]["enum"]) == SECRETS
    assert set(secret["values"]["propertyNames"]["enum"]) == SECRETS


def test_the_chart_is_for_this_version_of_sage():
    release, _, dev = __version__.partition(".dev")
    assert field("appVersion") == __version__
    assert field("version") == (f"{release}-dev.{dev}" if dev else release)


def test_each_environment_has_its_values():
    environments = next(one for one in VARIABLES if one.name == "SAGE_ENV").choices
    for environment in environments:
        values = (CHART / f"values-{environment}.yaml").read_text()
        assert f"\n  SAGE_ENV: {environment}\n" in values


def test_the_oldest_kubernetes_is_the_one_that_is_checked_and_written_about():
    oldest, newest = re.search(r"versions=\((\S+) (\S+)\)", (ROOT / "ci/helm").read_text()).groups()
    assert field("kubeVersion") == f">={oldest}.0-0"
    for page in (CHART / "README.md", ROOT / "docs" / "kubernetes.md"):
        assert f"Kubernetes {oldest} and {newest}" in " ".join(page.read_text().split())


def test_the_table_of_values_is_in_line_with_their_comments():
    script = ROOT / "ci" / "lib" / "kubernetes" / "chart_readme.py"
    ran = subprocess.run(
        [sys.executable, script, CHART], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_alerts_are_those_of_deploy_monitoring():
    """A link would not be packaged; ci/helm --write copies them."""
    rules, own = (
        {file.name: file.read_text() for file in folder.glob("*.yml")} for folder in RULES
    )
    assert rules
    assert own == rules


def test_the_locks_of_ci_helm_name_no_host():
    lock = (ROOT / "ci/locks/kubernetes/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')


def test_the_measured_memory_that_its_requests_are_held_to_is_stated():
    rules = (ROOT / "ci/lib/kubernetes/pod_rules.py").read_text()
    stated = re.search(r'_PEAK = re.compile\(r"(.+)"\)', rules)[1]
    assert re.search(stated, (ROOT / "docs" / "containers.md").read_text())
