"""A release is made as it was rehearsed: in this order, and with the same cosign."""

import hashlib
import os
import re
import shutil
import subprocess

import pytest

from tests.architecture.sources import ROOT

BASE = f"python:3@sha256:{'0' * 64}"
COMMIT = "a" * 40
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
    assert steps[-4:] == [
        "actions/attest-build-provenance",
        *("ci/release tag", "ci/release attach", "ci/release site"),
    ]


@pytest.fixture
def tree(tmp_path):
    """Lay out what was built of a tag, and programs that write down what they are called with."""
    files = {
        "Dockerfile": f"ARG PYTHON_IMAGE={BASE}\n",
        "sage/__init__.py": '__version__ = "1.2.3"\n',
        "ci/release.toml": 'owner = "Some-One"\nreleased = false\n',
        "dist/made-of": f"{COMMIT} {BASE}\n",
        "dist/files/client.whl": "a wheel",
        "dist/files/linux.sage.zip": "an extension",
        "dist/files/client.pyz": "a file",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for root, sums, listed in (
        (tmp_path, "dist/sbom-runtime.sums", ["dist/made-of"]),
        (tmp_path / "dist/files", "SHA256SUMS", ["client.pyz", "client.whl", "linux.sage.zip"]),
    ):
        digests = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in listed}
        (root / sums).write_text("".join(f"{digests[name]}  {name}\n" for name in listed))
    for name in ("ci/release", "ci/lib/site/versions"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    note = f'echo "${{0##*/}} $*" >>"{tmp_path}/calls"\n'
    bundle = 'while [ "$#" -gt 0 ]; do [ "$1" != --bundle ] || : >"$2"; shift; done\n'
    for name, body in {
        "ci/lib/debian": "",
        "ci/lib/python": "echo python3\n",
        "ci/tools": f'echo "{tmp_path}/bin"\n',
        "bin/cosign": note + bundle,
        "bin/uv": note,
        "bin/gh": note,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def attach(tree, verb="attach", **environ):
    """Attach the files as the workflow of a tag does; return what was said, and the calls."""
    (tree / "calls").write_text("")
    done = subprocess.run(
        [tree / "ci/release", verb],
        env={
            "PATH": f"{tree}/bin:{os.environ['PATH']}",
            "GITHUB_REPOSITORY": "Some-One/sage",
            "GITHUB_REF_NAME": "v1.2.3",
            "GITHUB_SHA": COMMIT,
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_WORKFLOW_REF": "Some-One/sage/release.yml@refs/tags/v1.2.3",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done, (tree / "calls").read_text().splitlines()


def test_files_are_signed_and_verified_before_wheels_are_uploaded_and_the_page_is_made(tree):
    done, calls = attach(tree)
    assert done.returncode == 0, done.stderr
    *signing, upload, page = calls
    for file in ("SHA256SUMS", "client.pyz", "client.whl"):
        sign, verify = signing[:2]
        signing = signing[2:]
        assert sign.startswith(f"cosign sign-blob --yes --bundle dist/files/{file}.bundle")
        assert verify.startswith("cosign verify-blob --certificate-identity https://forge.example/")
        assert verify.endswith(f"--bundle dist/files/{file}.bundle dist/files/{file}")
    assert signing == []
    assert upload == "uv publish --trusted-publishing always dist/files/client.whl"
    assert page.startswith("gh release create v1.2.3 --verify-tag")
    attached = re.findall(r" dist/files/(\S+)", page)
    assert len(attached) == 7
    for_gemini = [name for name in attached if name.startswith("linux.")]
    assert for_gemini == ["linux.sage.zip"], "it takes the first one, whatever it is"


def test_nothing_is_published_that_is_not_what_was_built_of_the_tag_for_its_owner(tree):
    for environ, said in (
        ({"GITHUB_REPOSITORY": "another/sage"}, "the repository is another/sage, not Some-One"),
        ({"GITHUB_REF_NAME": "v1.2.4"}, "the tag is v1.2.4, not v1.2.3"),
        ({"GITHUB_SHA": "f" * 40}, "the commit of dist/"),
    ):
        done, calls = attach(tree, **environ)
        assert (done.returncode, calls) == (1, [])
        assert said in done.stderr
    (tree / "dist/files/client.pyz").write_text("another file")
    done, calls = attach(tree)
    assert (done.returncode, calls) == (1, [])
    assert "client.pyz: FAILED" in done.stdout


def test_the_site_of_each_release_is_kept_and_that_of_the_newest_is_the_latest(tree):
    forge = tree / "forge"
    subprocess.run(["git", "init", "--quiet", "--bare", forge / "Some-One/sage"], check=True)
    (tree / "dist/site").mkdir()
    for version in ("1.2.3", "1.10.0", "1.2.4"):
        (tree / "sage/__init__.py").write_text(f'__version__ = "{version}"\n')
        (tree / "dist/site/index.html").write_text(version)
        for _ in range(2):  # a run that ended halfway is run again
            done, _ = attach(
                tree, "site", GITHUB_REF_NAME=f"v{version}", GITHUB_SERVER_URL=f"file://{forge}"
            )
            assert done.returncode == 0, done.stderr

    def git(*words):
        command = ["git", "-C", forge / "Some-One/sage", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert git("log", "--format=%s", "gh-pages").splitlines() == [
        *("Sage 1.2.4", "Sage 1.10.0", "Sage 1.2.3")
    ]
    shown = {
        name: git("show", f"gh-pages:{name}/index.html")
        for name in ("1.2.3", "1.2.4", "1.10.0", "latest")
    }
    assert shown == {"1.2.3": "1.2.3", "1.2.4": "1.2.4", "1.10.0": "1.10.0", "latest": "1.10.0"}
