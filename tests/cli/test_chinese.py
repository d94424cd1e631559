"""Under `SAGE_LANGUAGE=zh` no sentence of help, errors and reports is English; JSON always is."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from sage.cli.parsing import build_parser
from sage.phrases.language import CHINESE, speak

ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b|\d [a-z]{3,}\b")
EXAMPLE = re.compile(r"^  (?:sage|source|tail|curl|claude) .*$", re.MULTILINE)
VALUE = re.compile(r"`[^`]*`|(?<!\w)-{1,2}\w[\w-]*(?: [A-Z]+)?|/\S+|'[^']*'")


@pytest.fixture(autouse=True)
def chinese(monkeypatch):
    """Speak Chinese."""
    monkeypatch.setenv("SAGE_LANGUAGE", "zh")
    speak(CHINESE)


def english_in(text):
    """Return the lines that have a sentence of English, beside commands and values."""
    shown = EXAMPLE.sub("", text)
    return [line for line in shown.splitlines() if ENGLISH.search(VALUE.sub(" ", line))]


def helps(parser):
    parser.declare()
    _, _, shown = parser.format_help().partition("\n\n")  # behind the usage
    yield parser.prog, shown
    for verb in parser.verbs.values():
        yield from helps(verb)


def test_the_help_of_every_verb_is_chinese():
    found = {name: english_in(shown) for name, shown in helps(build_parser())}
    assert len(found) > 50
    assert not {name: lines for name, lines in found.items() if lines}
    assert "用法：sage" in build_parser().format_help()  # noqa: RUF001
    assert not [shown for _, shown in helps(build_parser()) if re.search("[\u4e00-\u9fff]:", shown)]


def test_what_is_wrongly_called_is_told_in_chinese(sage):
    refused = [
        ("serch", "x"),
        ("search", "--max", "x"),
        ("search", "tea", "--limit", "0"),
        ("search", "tea", "--role", "king"),
        ("search",),
        ("save", "x", "x", "--metadata", "{"),
        ("save", "--file", "missing.json"),
        ("list", "--limit", "x"),
        ("forget",),
        ("forget", "x", "y", "--session", "z"),
        ("token", "create", "--expires", "x"),
        ("export", "one", "two"),
        ("connect", "nobody"),
        ("restore", "missing.backup"),
        ("import", "missing.zip"),
        ("config", "diff", "dev", "nowhere"),
    ]
    for words in refused:
        told = sage(*words)
        assert told.code, words
        assert not english_in(told.err), (words, told.err)
        assert re.search("[\u4e00-\u9fff]", told.err), (words, told.err)


def test_what_is_wrong_with_the_settings_is_told_in_chinese(sage, monkeypatch):
    monkeypatch.setenv("SAGE_ENV", "prdo")
    monkeypatch.setenv("MCP_SERVER_PORT", "99999999")
    monkeypatch.setenv("SAGE_TIMEZONE", "Shanghai")
    told = sage("config", "check")
    assert "配置无效：3 个问题" in told.out  # noqa: RUF001
    assert not english_in(told.out)


def test_what_is_kept_found_and_forgotten_is_told_in_chinese(kept, session):
    for unit in ("days", "hours", "minutes"):
        at = datetime.now(UTC) - timedelta(**{unit: 3})
        kept("save", f"It rained {unit}.", "So.", "--session", unit, "--created-at", at.isoformat())
    saved = kept("save", "Where do herons nest?", "By the mill.", "--session", session)
    assert "2 条记忆，会话" in saved.out  # noqa: RUF001
    answer = json.loads(kept("list", "--json").out)
    assert answer["memories"][0]["content"] in {"Where do herons nest?", "By the mill."}
    shown = [
        saved,
        kept("sessions"),
        kept("list", "--limit", "1"),
        kept("show", session),
        kept("search", "where do herons nest", "--explain"),
        kept("search", "the price of copper in Chile"),
        kept("context", "where do herons nest", "--rerank"),
        kept("sessions", "--limit", "1"),
        kept("healthcheck"),
        kept("service", "status"),
        kept("stats"),
        kept("project", "list"),
        kept("space", "list"),
        kept("token", "list"),
        kept("token", "create", "--space", "default", "--name", "heron"),
        kept("token", "rotate", "heron"),
        kept("token", "list"),
        kept("token", "revoke", "heron"),
        kept("user", "list"),
        kept("audit"),
        kept("scan"),
        kept("migrate", "status"),
        kept("status"),
        kept("doctor"),
        kept("config", "show"),
        kept("config", "show", "--changed"),
        kept("config", "diff", "dev", "prod"),
        kept("connect"),
        kept("import", "--list"),
        kept("forget", "--session", session),
        kept("forget", "--session", session, "--undo"),
        kept("pause", "1h"),
        kept("resume"),
        kept("show", "00000000-0000-0000-0000-000000000000"),
        kept("logs"),
        kept("down"),
    ]
    told = "\n".join(one.out + one.err for one in shown)
    for age in ("3 天前", "3 小时前", "3 分钟前"):
        assert age in told
    assert "已撤销令牌 heron" in told
    assert "来源：环境变量" in told  # noqa: RUF001
    assert "来源：prod 环境的预设" in told  # noqa: RUF001
    assert "已跳过重排：没有为它配置模型" in told  # noqa: RUF001
    assert not re.search("[：。][ ]|(?<=[\u4e00-\u9fff]):(?:[ ]|$)", told, re.MULTILINE)  # noqa: RUF001
    assert not re.search(r"\b(environment|command line|last start)\b", told)
    for_models = "Recalled from earlier conversations"
    left = [line for line in english_in(told) if "herons" not in line]
    assert [line for line in left if not line.startswith(for_models)] == []


def test_it_is_chinese_however_this_program_is_called(kept, monkeypatch, tmp_path):
    script = tmp_path / "sage"
    script.touch()
    monkeypatch.setattr("sys.argv", [str(script)])
    for words in ("tidy",), ("search", "heron", "--space", "nowhere"):
        told = kept(*words)
        assert f"`{script} " in told.out + told.err, words
        assert not english_in(told.out + told.err), words


def test_the_setting_may_stand_in_a_file(sage, data_dir, monkeypatch, tmp_path):
    monkeypatch.delenv("SAGE_LANGUAGE")
    (tmp_path / "zh.env").write_text("SAGE_LANGUAGE=zh\n")
    assert "没有运行" in sage("--env-file", "zh.env", "--data-dir", data_dir, "status").err + (
        sage("--env-file", "zh.env", "--data-dir", data_dir, "status").out
    )
