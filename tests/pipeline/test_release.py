"""A release is made as it was rehearsed: in this order, and with the same cosign."""

import re

from tests.architecture.sources import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
INSTALLER = re.compile(r"uses: (sigstore/cosign-installer@.*)\n +with:\n +cosign-release: (v\S+)")


def installed(workflow):
    """Give the installer and the version of cosign that a workflow asks for."""
    text = (WORKFLOWS / workflow).read_text()
    found = INSTALLER.findall(text)
    assert len(found) == text.count("sigstore/cosign-installer@") == 1
    return found


def test_the_release_signs_with_the_cosign_that_is_rehearsed():
    assert installed("release.yml") == installed("ci.yml")


def test_what_is_built_is_built_before_the_login_and_tagged_after_all_else():
    text = (WORKFLOWS / "release.yml").read_text()
    steps = re.findall(r"^      - (?:run|uses): ([^@\n]+)", text, re.MULTILINE)
    assert steps.index("ci/release build") < steps.index("docker/login-action")
    assert steps.index("docker/login-action") < steps.index("ci/release publish")
    assert steps[-3:] == ["actions/attest-build-provenance", "ci/release tag", "ci/release attach"]
