"""What the pages say is so: links lead somewhere, commands exist."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from sage.api.tools import TOOLS
from sage.cli.parsing import build_parser
from sage.cli.verbs import VERBS
from sage.operations.checks.checklist import CHECKS, CheckPhase
from tests.architecture.sources import ROOT
from tests.docs.pages import (
    PAGES,
    anchors,
    commands,
    inline_code,
    links,
    name_of,
    named_tests,
    shell_lines,
    written_tests,
)
from tests.support.each import each

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
HELP = {"help", "--help"}
STEPS = ("lock", "lint", "types", "docs", "start", "images", "py313", "py312", "py311", "pipeline")

every_page = each("page", PAGES)


@pytest.fixture(scope="session")
def start_options():
    shown = subprocess.run(
        [ROOT / "start-sage-mcp.sh", "--help"], capture_output=True, text=True, check=True
    )
    return {word for word in shown.stdout.split() if word.startswith("--")}


@every_page
def test_links_lead_somewhere(page):
    broken = []
    for target in links(page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        found = page if not path else (page.parent / path).resolve()
        if not found.exists() or (anchor and anchor not in anchors(found.read_text())):
            broken.append(target)
    assert not broken


@every_page
def test_commands_exist(page, start_options):
    for program, *words in commands(page.read_text()):
        match program.removeprefix("./"):
            case "start-sage-mcp.sh":
                assert {word for word in words if word.startswith("-")} <= start_options
            case "ci/test":
                assert words == ["quick"] or set(words) <= set(STEPS)
            case "sage" | ".venv/bin/sage" if words and words[0] not in HELP:
                build_parser().parse_args(words)
            case "sage" | ".venv/bin/sage":
                assert {*words[1:]} <= {"--all", "COMMAND", "VERB", *VERBS}
            case script if not script.startswith(".venv"):
                assert (ROOT / script).exists(), f"{script} does not exist"


def test_the_pages_on_use_name_every_tool():
    for page in (ROOT / "docs/use.md", ROOT / "docs/zh/use.md"):
        assert {tool.name for tool in TOOLS} <= set(inline_code(page.read_text()))


def test_a_chinese_page_tells_the_commands_of_its_english_one():
    pairs = [(ENGLISH, CHINESE)]
    pairs += [(ROOT / "docs" / page.name, page) for page in (ROOT / "docs/zh").glob("*.md")]
    assert len(pairs) > 1
    for pair in pairs:
        english, chinese = (
            [line.split('"')[0].split("'")[0] for line in shell_lines(page.read_text())]
            for page in pair
        )
        assert english == chinese


def test_the_readmes_are_front_pages():
    assert [len(page.read_text().splitlines()) <= 120 for page in (ENGLISH, CHINESE)] == [True] * 2


def test_the_readmes_begin_with_the_two_commands():
    for page in (ENGLISH, CHINESE):
        lines = shell_lines(page.read_text())
        assert lines[:2] == ["./start-sage-mcp.sh", ".venv/bin/sage connect"]


def test_the_page_of_commands_names_every_check_of_doctor():
    page = (ROOT / "docs/cli.md").read_text()
    section = page.partition("\n### doctor\n")[2].partition("\n### ")[0]
    text = " ".join(section.split())
    names = {check.name for check in CHECKS if CheckPhase.DOCTOR in check.when}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", text)) == []


def test_the_contributing_page_lists_the_steps_that_exist():
    script = (ROOT / "ci" / "test").read_text()
    assert f"steps=({' '.join(STEPS)})" in script


def test_the_decisions_are_all_listed():
    folder = ROOT / "docs" / "adr"
    pages = {page.name for page in folder.glob("0*.md")}
    assert pages
    assert pages <= set(links((folder / "README.md").read_text()))


def test_every_decision_has_a_date_and_a_status():
    head = re.compile(
        r"# \d+\. .+\n\n- Date: \d{4}-\d\d-\d\d\n- Status: (accepted|replaced by \[.+)\n\n"
    )
    pages = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert [page.name for page in pages if not head.match(page.read_text())] == []


def test_the_tests_that_reviews_name_exist():
    pages = sorted((ROOT / "docs" / "reviews").glob("*.md"))
    named = {test for page in pages for test in named_tests(page.read_text())}
    assert named
    assert named - {test for path, _ in named for test in written_tests(ROOT / path)} == set()


def test_nothing_tells_anyone_to_install_a_name_from_an_index():
    """The name is not ours there until a release exists; another project could take it."""
    if tomllib.loads((ROOT / "ci/release.toml").read_text())["released"]:
        return
    texts = [*PAGES, *(ROOT / "sage").rglob("*.py"), *(ROOT / "deploy").rglob("*.sh")]
    advice = re.compile(r"\b(pip3?|pipx|uv tool|uv pip)\s+install\b(?! dist/)|\buvx\s+sage")
    assert [name_of(page) for page in texts if advice.search(page.read_text())] == []
