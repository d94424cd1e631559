"""A text is shown in the language of its reader, by a catalogue that is read only then."""

from sage.domain.text.columns import columns_of, folded, padded
from sage.phrases import joined, numbered, phrase
from sage.phrases.language import _catalogue, preferred, said, said_phrase, wished
from tests.support.each import each

DATA_DIRECTORY = "数据目录"


@each(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "SAGE_LANGUAGE": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8", "SAGE_LANGUAGE": " ZH "}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "SAGE_LANGUAGE": "auto"}, "zh"),
        ({"SAGE_LANGUAGE": "klingon"}, "en"),
    ],
)
def test_a_process_speaks_the_language_of_its_setting_or_else_of_its_locale(environ, language):
    assert wished(environ) == language


@each(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("de,fr;q=0.9", "en"),
        ("fr, zh", "zh"),
    ],
)
def test_a_page_speaks_the_language_of_its_browser(header, language):
    assert preferred(header) == language


def test_a_phrase_is_said_with_the_phrases_in_it_and_values_stay_as_they_are():
    hint = phrase("`{program} --help` shows its options", program="data directory")
    problem = phrase("such as `{example}`; {see_help}", example="data directory", see_help=hint)
    told = said(problem, "zh")
    assert told == "例如 `data directory`；运行 `data directory --help` 查看可用选项"  # noqa: RUF001
    assert said(told, "zh") == told
    assert said("data directory", "zh") == DATA_DIRECTORY
    assert said_phrase("data directory", "zh") == "data directory"
    assert said(phrase("lowest level that is logged: {levels}", levels=["A", "B"]), "zh").endswith(
        "A、B"
    )
    assert (said("", "zh"), said_phrase(phrase(""), "zh")) == ("", "")
    assert said(joined(", ", ["data directory", phrase("{a}, b", a=1)]), "zh") == "数据目录，1, b"  # noqa: RUF001


def test_what_has_no_translation_stays_english_in_the_form_of_its_number():
    assert said(numbered("{count} yak", "{count} yaks", count=1), "zh") == "1 yak"
    assert said(numbered("{count} yak", "{count} yaks", count=2), "zh") == "2 yaks"


def test_a_number_that_is_written_out_in_english_is_there_for_other_languages():
    for count in (1, 3):
        told = said(numbered("Show one more", "Show {count} more", count=count), "zh")
        assert told == f"再显示 {count} 条"


def test_nothing_is_read_for_english():
    _catalogue.cache_clear()
    assert said(phrase("data directory"), "en") == "data directory"
    assert _catalogue.cache_info().currsize == 0


def test_lines_of_chinese_fit_their_columns_and_begin_with_no_punctuation():
    text = "运行 `sage up --port 17801` 之后，浏览器会打开控制台（只需一次），然后即可搜索。" * 3  # noqa: RUF001
    lines = folded(text, 40)
    assert len(lines) > 4
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert columns_of(line) <= 40
        assert line[:1] not in "，。）、"  # noqa: RUF001
        assert line.count("`") % 2 == 0
    assert padded("数据", 6) == "数据  "
