# ruff: noqa: RUF001 - Chinese punctuation and typographic signs are what is tested

import json
import random
import re
import time
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sage.cli.benchmark.conversations import own_sets
from sage.domain import limits
from sage.retrieval.text import traits, words
from sage.retrieval.text.lexemes import MAX_QUERY_TERMS, query_of, tsquery_of_pairs, tsvector_of
from tests.support.each import each

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)
storable_text = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=300
)
CUT = json.loads((Path(__file__).parent / "cut_texts.json").read_text(encoding="utf-8"))
PIECES = (
    *("Hey Mel! ", "hi, Anna?", "Thanks Bob,", "你好，张三。", "May ", "3rd", "1st", "MARCH", "3"),
    *(", 2024", "2023-05-08", "1999年", "五月三日", "３月", "20", "19", " of ", " ", "_", "'"),
    *("C++", "16GB", "apr\u0131l ", "\u0130n ", "august", "dec. 5", "我", "吗？"),
)
TIMES = (
    *("today", "tonight", "tomorrow", "last week", "next month", "this year", "two hours back"),
    *("this morning", "last AFTERNOON", "past evening", "last spring", "next ſummer", "this fall"),
    *("last autumn", "next winter", "ago", "recently", "lately", "soon", "later", "since"),
    *("before", "after", "morning", "evening", "weeks", "months", "years", "spring", "ſummer"),
    *("autumn", "fall", "winter", "birthday", "anniversary", "holiday", "今天", "昨晚", "明早"),
    *("前几日", "去年", "下周", "下星期", "下礼拜", "上个月", "三小时后", "最近", "近来", "刚才"),
    *("之前", "早上", "生日", "1850", "jan 1", "feb 1", "jun 1", "jul 1", "sept 1", "oct 1"),
    *("nov 1", "2024년", "5월"),
)


async def matches(conn, memory, question, name=None, created_at=NOON):
    return await conn.fetchval(
        "SELECT $1::text::tsvector @@ $2::text::tsquery",
        tsvector_of(memory, name, created_at),
        query_of(question).tsquery,
    )


@pytest.fixture
async def conn(database):
    async with database.across_spaces() as conn:
        yield conn


@pytest.mark.parametrize(
    ("memory", "question"),
    [
        ("She adopted two kittens", "Who adopted a kitten?"),
        ("我最近在学习如何做面食", "面食"),
        ("周末去了云台山，风景很美", "云台山的风景怎么样？"),
        ("我喜欢猫", "猫"),
        ("昨日は京都に行きました", "京都"),
        ("昨日は電車で行きました", "電車"),
        ("昨天預約了牙醫", "预约牙医"),
        ("昨天预约了牙医", "預約牙醫"),
        ("어제 부산에서 회를 먹었어요", "부산"),
        ("เมื่อวานไปกินส้มตำ", "ส้มตำ"),
        ("вчера купил книгу", "книги"),
        ("it's O'Reilly\\'s 'quoted' \\ book", "o'reilly"),
        ("to be or not to be", "to be or not to be"),
        ("的的的", "的"),
    ],
)
async def test_a_memory_is_found_by_its_words_in_any_language(conn, memory, question):
    assert await matches(conn, memory, question)


@pytest.mark.parametrize(
    ("memory", "question"),
    [
        ("I run to de-stress", "destress"),
        ("she sent an email", "e-mails"),
        ("call getUserName() first", "get_user_name"),
        ("caught covid19", "COVID-19"),
        ("bought an iPhone 15", "iPhone15"),
        ("a laptop of 16 GB", "16GB"),
        ("预约wi-fi安装", "wifi"),
    ],
)
async def test_words_written_together_or_with_a_joint_meet(conn, memory, question):
    assert await matches(conn, memory, question)
    assert await matches(conn, question, memory)


@pytest.mark.parametrize("question", ["kitten puppy", "小猫和小狗"])
async def test_one_shared_word_is_enough(conn, question):
    assert await matches(conn, "a kitten, 小猫", question)


@pytest.mark.parametrize(("count", "rare"), [(1, 1), (2, 1), (2, 2), (3, 1), (5, 3), (6, 6)])
async def test_two_words_are_found_together_if_one_of_them_is_rare(conn, count, rare):
    words = [f"w{number}" for number in range(count)]
    pairs = tsquery_of_pairs(words[:rare], words[rare:])
    for held in product((False, True), repeat=count):
        holding = [number for number in range(count) if held[number]]
        wanted = len(holding) > 1 and holding[0] < rare
        matches = "SELECT array_to_tsvector($1::text[]) @@ $2::text::tsquery"
        assert await conn.fetchval(matches, [words[one] for one in holding], pairs) is wanted


async def test_other_words_do_not_match(conn):
    assert not await matches(conn, "a kitten sleeps, 小猫", "puppy 小狗狗")


@pytest.mark.parametrize("name", ["Caroline Müller", "孙悦"])
async def test_the_speaker_is_found_though_not_part_of_the_text(conn, name):
    assert await matches(conn, "hello", name, name=name)


@pytest.mark.parametrize(
    "question",
    [
        "2023-05-08",
        "what happened on 8 May 2023",
        "8th of May",
        "May 8, 2023",
        "in May",
        "May 2023",
        "all of 2023",
        "5月8日",
        "二〇二三年五月八号",
        "2023年",
        "五月份",
    ],
)
async def test_the_date_of_a_memory_is_found_in_the_spellings_of_questions(conn, question):
    assert await matches(conn, "hello", question)
    assert not await matches(conn, "hello", question, created_at=datetime(2024, 6, 9, tzinfo=UTC))


async def test_a_date_in_a_text_is_found_in_another_language(conn):
    assert await matches(conn, "the wedding is on June 9th", "6月9号", created_at=NOON)


def test_words_without_topic_are_dropped_from_a_question():
    assert query_of("What did you tell me about the garden?").terms == ("garden",)
    assert "什么" not in query_of("你推荐了什么电影").terms
    assert "电影" in query_of("你推荐了什么电影").terms


def test_a_question_without_any_topic_keeps_its_words():
    assert query_of("who are you").terms == ("who", "are", "you")
    assert query_of("是什么").terms


def test_a_question_of_signs_alone_has_no_terms():
    assert query_of("?!").terms == ()
    assert query_of("?!").tsquery == ""


def test_of_very_many_terms_those_at_both_ends_are_searched():
    terms = query_of(" ".join(f"x{number}" for number in range(500))).terms
    assert len(terms) == MAX_QUERY_TERMS
    assert {"x0", "x1", "x498", "x499"} <= set(terms)


def test_a_pair_of_characters_is_searched_as_a_pair():
    assert query_of("面食").terms == ("面食",)


@pytest.mark.newest_python
@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=storable_text, name=st.none() | storable_text, question=storable_text)
async def test_postgres_takes_every_text(conn, content, name, question):
    vector = tsvector_of(content, name, NOON)
    assert await conn.fetchval("SELECT length($1::text::tsvector)", vector) > 0
    await conn.fetchval("SELECT $1::text::tsquery", query_of(question).tsquery)


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0x4E00 + i * 7919 % 20_000) for i in range(limits.MAX_CONTENT_CHARS)),
        " ".join(f"w{i:x}" for i in range(limits.MAX_CONTENT_CHARS // 6)),
        "same " * (limits.MAX_CONTENT_CHARS // 5),
        "x" * limits.MAX_CONTENT_CHARS,
    ],
    ids=["han", "distinct words", "one word", "no end"],
)
async def test_the_longest_texts_stay_within_the_limits_of_a_tsvector(conn, text):
    vector = tsvector_of(text, None, NOON)
    assert await conn.fetchval("SELECT length($1::text::tsvector)", vector) > 0
    assert await conn.fetchval("SELECT length($1::text::tsvector::text)", vector) > 0


def test_equal_texts_give_equal_vectors():
    assert tsvector_of("Tea, 茶", "Mel", NOON) == tsvector_of("Tea, 茶", "Mel", NOON)


@pytest.mark.newest_python
@pytest.mark.parametrize(
    "part", ["7", "三", "1月", "2023-05-08 ", "last ", "3 days ", "吗？", "< "]
)
def test_the_time_for_a_text_grows_with_its_length_alone(part):
    text = part * (limits.MAX_CONTENT_CHARS // len(part))

    def seconds(length):
        began = time.process_time()
        tsvector_of(text[:length], None, NOON)
        return time.process_time() - began

    def fastest(length):
        return min(seconds(length) for _ in range(3))

    assert fastest(len(text)) < 10 * fastest(len(text) // 4)  # 4 and some, where it squared 16


@each("one", CUT)
def test_a_text_is_cut_as_memories_in_the_index_were(one):
    """Lexemes that changed would leave what is stored unfound: that needs a migration."""
    assert (
        tsvector_of(one["text"], one["name"], datetime(2024, 5, 6, 7, tzinfo=UTC))
        == (one["vector"])
    )


def test_what_is_looked_for_first_misses_nothing(monkeypatch):
    texts = [*TIMES, *PIECES, *map("".join, product(PIECES, PIECES)), *(one["text"] for one in CUT)]
    quick = [tsvector_of(text, None, NOON) for text in texts]
    anything = re.compile("")
    monkeypatch.setattr("sage.retrieval.text.words._ASCII_PIECE", vars(words)["_PIECE"])
    monkeypatch.setattr("sage.retrieval.text.names._CAPITAL_BEFORE_MARK", anything)
    for phrases in (vars(traits)["_DATED"], vars(traits)["_TIMED"]):
        monkeypatch.setattr(phrases, "parts", ("",))
        monkeypatch.setattr(phrases, "in_ascii", phrases.anywhere)
    monkeypatch.setattr(
        "sage.retrieval.text.dates._HINTS", [(how, ("",), anything) for how in range(3)]
    )
    for text, vector in zip(texts, quick, strict=True):
        assert tsvector_of(text, None, NOON) == vector, text


SCRIPTS = {
    "Latin": "abcdefghijklmnopqrstuvwxyzes",
    "accented": "abcdefghijklmnop\u00e0\u00e9\u00ee\u00f5\u00fc",
    "Greek": "".join(map(chr, range(0x3B1, 0x3CA))),
    "Cyrillic": "".join(map(chr, range(0x430, 0x450))),
    "Arabic": "".join(map(chr, range(0x627, 0x64B))),
    "Hindi": "".join(map(chr, range(0x915, 0x93A))),
    "Tamil": "".join(map(chr, range(0xB95, 0xBBA))),
    "Armenian": "".join(map(chr, range(0x561, 0x587))),
    "Han": "".join(map(chr, range(0x4E00, 0x9F00))),
    "digits": "0123456789abc",
}


@pytest.mark.newest_python
def test_words_that_all_differ_take_about_as_long_to_cut_as_prose():
    """A text of any script takes at most four times as long as prose of its length."""
    length, made = 10_000, random.Random(5)
    prose = " ".join(
        turn.message.content
        for one in own_sets()
        for conversation in one.conversations
        for session in conversation.sessions
        for turn in session
    )[:length]

    def seconds(text):
        words.term_and_spelling.cache_clear()
        words.stem_of.cache_clear()
        began = time.process_time()
        tsvector_of(text, None, NOON)
        return time.process_time() - began

    def differing(alphabet, size):
        return " ".join("".join(made.choices(alphabet, k=size)) for _ in range(length // size))

    seconds(prose)
    bound = 4 * min(seconds(prose) for _ in range(5))
    texts = {
        (script, size): differing(alphabet, size)[:length]
        for script, alphabet in SCRIPTS.items()
        for size in (4, 8, 40)
    }
    slow = {one: min(map(seconds, [text] * 3)) / bound for one, text in texts.items()}
    assert {one: times for one, times in slow.items() if times > 1} == {}
