"""The site holds every page, its links lead somewhere, and it says which Chinese page is behind."""

import posixpath
import re
import shlex
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from sage.cli.parsing import build_parser
from tests.architecture.sources import ROOT
from tests.docs.pages import commands
from tests.support.each import each

sys.path.insert(0, str(ROOT / "ci/lib/site"))
import reference
import stage

LINK = re.compile(r"\]\((?![a-z]+:)([^)\s#]+)[^)\s]*\)")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "made"
    reference.main(folder)
    return folder


def test_every_page_is_in_the_navigation_but_single_decisions(made):
    shown = [page for section in stage.sections() for page in stage.pages_of(section)]
    written = [file.relative_to(made).as_posix() for file in made.rglob("*.md")]
    pages = stage.english_pages()
    pages += [f"made/{page}" for page in written if not page.startswith("zh/")]
    assert sorted(shown) == sorted(page for page in pages if not re.match(r"docs/adr/\d", page))


def test_links_lead_to_pages_of_the_same_language_or_to_the_source(made, tmp_path):
    source = "https://github.com/OWNER/sage/blob/main"
    for language in ("en", "zh"):
        stage.Site(language, made, source).write(tmp_path / language)
        pages = sorted((tmp_path / language).rglob("*.md"))
        dead = {
            f"{page.name}: {target}"
            for page in pages
            for target in LINK.findall(re.sub(r"(?ms)^```.*?^```$", "", page.read_text()))
            if not (page.parent / target).is_file()
        }
        assert dead == set()
        named = set(re.findall(rf"{source}/([^)#\s]+)", "".join(map(stage.Path.read_text, pages))))
        assert named
        assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_reference_names_every_tool_and_route(made):
    tools, rest = (made / "tools.md").read_text(), (made / "routes.md").read_text()
    assert all(f"\n## {tool.name}\n" in tools for tool in reference.TOOLS)
    settings = reference.Settings(data_dir=made)
    paths = reference.create_app(settings).openapi()["paths"]
    routes = {
        f"\n### `{method.upper()} {path}`\n"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if not operation.get("deprecated")
    }
    assert routes
    assert [route for route in routes if route not in rest] == []


def test_every_command_of_the_pages_of_clients_exists_in_both_languages(made):
    pages = sorted((made / "clients").glob("*.md"))
    assert len(pages) > 10
    for page in pages:
        english, chinese = (
            [*commands(file.read_text())] for file in (page, made / "zh/clients" / page.name)
        )
        assert english == chinese
        for program, *words in english:
            assert program in {"sage", ".venv/bin/sage"}
            assert not words or build_parser().parse_args(words)


@each("name", ["demo", "demo.zh"])
def test_a_picture_of_readme_shows_commands_that_exist(name):
    lines = (ROOT / f"ci/lib/site/{name}.txt").read_text().splitlines()
    svg = ET.parse(ROOT / f"docs/{name}.svg").getroot()
    typed = ["".join(text.itertext()) for text in svg.iter() if text.get("class") == "typed"]
    assert typed == [f"$ {line}" for line in lines], "record it anew: ci/site --demo"
    for line in lines:
        assert build_parser().parse_args(shlex.split(line)[1:])


def test_the_pictures_of_the_console_are_small_and_shown_by_readme_and_on_the_site(made, tmp_path):
    for language, page in (("en", "README.md"), ("zh", "README.zh-CN.md")):
        names = {f"console-{language}-{theme}.png" for theme in ("light", "dark")}
        assert set(re.findall(r"docs/(console-.+?\.png)", (ROOT / page).read_text())) == names
        stage.Site(language, made, "https://forge.example").write(tmp_path / language)
        shown = set(
            re.findall(r'"(console-.+?\.png)"', (tmp_path / language / "index.md").read_text())
        )
        assert shown == names
        assert all(0 < (tmp_path / language / name).stat().st_size <= 250_000 for name in names)


def test_the_sites_of_all_releases_are_listed_the_newest_first_and_once_more_as_latest(tmp_path):
    for name in ("0.9.1", "0.10.0", "0.2.0"):
        (tmp_path / name / "en").mkdir(parents=True)
    (tmp_path / "0.10.0/llms.txt").write_text("# Sage\n")
    script = ROOT / "ci/lib/site/versions"
    for _ in range(2):
        told = subprocess.run([script, tmp_path], capture_output=True, text=True, check=True)
        assert told.stdout == "0.10.0\n"
    listed = re.findall(r'href="(.+?)/en/"', (tmp_path / "versions.html").read_text())
    assert listed == ["0.10.0", "0.9.1", "0.2.0"]
    assert (tmp_path / "latest/llms.txt").exists()


def test_what_models_are_told_of_a_page_is_a_whole_sentence(made, tmp_path):
    stage.Site("en", made, "https://forge.example").write(tmp_path / "en")
    lines = re.findall(
        r"^- \[.+?\]\((.+?)\): ?(.*)$", stage.index_for_models(tmp_path), re.MULTILINE
    )
    assert len(lines) > 40
    assert [page for page, told in lines if not told.endswith(".")] == []
    assert dict(lines)["en/index.md"].startswith("A self-hosted memory server for AI assistants")


def test_a_chinese_page_links_to_the_chinese_page_where_there_is_one():
    pages = {page: chinese for chinese, page in stage.translations().items()}
    for chinese in pages.values():
        targets = LINK.findall((ROOT / chinese).read_text())
        paths = {
            posixpath.normpath(posixpath.join(posixpath.dirname(chinese), one)) for one in targets
        }
        assert {path for path in paths if path in pages} <= {"README.md"}, chinese


def test_no_chinese_page_is_behind_its_english_one():
    late = stage.behind()
    assert late == [], "bring them in line with their English pages, then run ci/site --stamp"


def test_a_chinese_page_whose_english_one_has_changed_is_named_and_shown_as_such(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(stage, "ROOT", tmp_path)
    (tmp_path / "docs/zh").mkdir(parents=True)
    for page in stage._NAMED:  # noqa: SLF001 - the pages that are not in docs
        stage.put(tmp_path / page, "# Page\n\nText.\n")
    stage.put(tmp_path / "docs/use.md", "# Use\n\nText.\n")
    stage.put(tmp_path / "docs/zh/use.md", "# 使用\n\n文字。\n")

    def shown():
        stage.Site("zh", tmp_path / "made", "https://forge.example").write(tmp_path / "site")
        return (tmp_path / "site/use.md").read_text()

    assert stage.behind() == ["docs/zh/use.md"]
    stage.stamp()
    assert stage.behind() == []
    assert shown() == "# 使用\n\n文字。\n"
    assert stage.TEXTS["untranslated"] in (tmp_path / "site/contributing.md").read_text()
    stage.put(tmp_path / "docs/use.md", "# Use\n\nAnother text.\n")
    assert stage.behind() == ["docs/zh/use.md"]
    assert stage.TEXTS["behind"] in shown()
