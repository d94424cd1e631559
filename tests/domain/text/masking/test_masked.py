"""Secrets in a text are masked, whatever they look like, and ordinary text stays as it is."""

import sys
import sysconfig
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sage.cli.benchmark.conversations import own_sets
from sage.clients.transcripts.turns import split_text
from sage.domain.text.masking.masked import MASK, count_masked, masked
from sage.domain.text.masking.rules import RULES
from sage.domain.text.unseen import without_unseen
from sage.retrieval.text.lexemes import tsvector_of
from tests.support.planted_secrets import Maker, planted, planted_in_texts

ROOT = Path(__file__).parents[4]
PRODUCT = ("sage", "benchmarks", "docs", "ci", "deploy", "nix", "integrations")
MIN_LEFT = 12


def leaks(one):
    """Return whether a planted secret, or its last part, is still there."""
    text, kinds = count_masked(one.text)
    return not kinds or one.secret in text or one.secret[-MIN_LEFT:] in text


@pytest.mark.parametrize("seed", range(3))
def test_nearly_all_planted_secrets_are_masked(seed):
    every = list(planted(10, seed))
    missed = [one for one in every if leaks(one)]
    assert len({one.kind for one in every}) >= 30
    assert len(every) >= 300
    assert len(missed) <= 0.05 * len(every), missed


def test_no_kind_is_missed_more_than_now_and_then():
    missed = defaultdict(int)
    for one in planted(20, 9):
        missed[one.kind] += leaks(one)
    assert {kind: number for kind, number in missed.items() if number > 2} == {}


def test_secrets_are_masked_in_every_text_they_are_known_from():
    every = [*planted_in_texts(1), *planted_in_texts(2)]
    assert [one for one in every if leaks(one)] == []
    assert [one for one in every if count_masked(masked(one.text))[1]] == []


def test_only_the_secret_is_replaced():
    password = Maker(4).password()
    for before, after in (
        ('{"user": "mei", "password": "', '", "port": 5432}'),
        ("postgresql://mei:", "@db.example.org:5432/sage"),
        ("curl -H 'Authorization: Bearer x", "1234567890123456' https://example.org"),
        ("我的密码是", "，不要告诉别人"),  # noqa: RUF001 - Chinese
    ):
        middle = password if "Bearer" not in before else "y"
        assert masked(before + middle + after).startswith(before.removesuffix("x") + MASK)
    text = f'export DB_PASSWORD="{password}" # of the test database'
    assert masked(text) == f'export DB_PASSWORD="{MASK}" # of the test database'


def test_what_is_masked_once_stays_as_it_is():
    for one in planted(3, 2):
        once = masked(one.text)
        assert count_masked(once) == (once, {})


def test_two_secrets_side_by_side_are_both_counted():
    maker = Maker(5)
    token, password = "gh" + "p_" + maker.of("abcdefgh01234567", 36), maker.password()
    text, kinds = count_masked(f"GITHUB_TOKEN={token}\nDB_PASSWORD={password}\nagain {token}")
    assert text == f"GITHUB_TOKEN={MASK}\nDB_PASSWORD={MASK}\nagain {MASK}"
    assert kinds == {"github_token": 2, "password": 1}


def test_a_key_that_was_cut_off_is_masked_as_far_as_it_goes():
    whole = next(one.secret for one in planted(1) if one.kind == "RSA key")
    cut = "\n".join(whole.split("\n")[:-2])
    assert masked(f"see\n{cut}") == f"see\n{MASK}"
    begin = whole.split("\n")[0]
    assert masked(f"a file begins with {begin} and then") == f"a file begins with {begin} and then"


def beside(token, *between):
    """Write a token with something between its characters, at places that are no ends."""
    return "".join(f"{char}{between[at % len(between)]}" for at, char in enumerate(token))


IGNORABLE = [
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810)),
    *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164),
    *(*range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4)),
    *(*range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
]
"""Default_Ignorable_Code_Point of Unicode."""


def is_left_out(char):
    return without_unseen(f"a{char}b") == "ab"


def test_a_secret_is_masked_where_nobody_sees_what_is_between_its_characters():
    """What nobody sees is left out where a text is recalled: the secret would be whole there."""
    token = "gh" + "p_" + Maker(8).of("abcdefgh01234567", 36)
    gaps = ["\u200b", "\u00ad", "\ufeff", "\u2060", "\x1b[1m", "\u202e", "\u200d", "\x00"]
    for gap in gaps:
        text, kinds = count_masked(f"see {beside(token, gap)} there")
        assert kinds == {"github_token": 1}, gap
        assert text.startswith(f"see {MASK}")
        assert without_unseen(text) == f"see {MASK} there"
    assert masked(f"\x1b[32m{token}\x1b[0m") == f"\x1b[32m{MASK}\x1b[0m"
    assert masked(f"\u200b{token} and {token}\u200b") == f"\u200b{MASK} and {MASK}\u200b"


def test_no_character_that_recalling_leaves_out_splits_a_secret():
    token = "gh" + "p_" + Maker(8).of("abcdefgh01234567", 36)
    left_out = {char for char in map(chr, range(sys.maxunicode + 1)) if is_left_out(char)}
    assert left_out >= set(map(chr, IGNORABLE))
    assert [hex(ord(c)) for c in left_out if masked(f"{token[:9]}{c}{token[9:]}") != MASK] == []


@pytest.mark.parametrize("mark", ["_", "*", "**", "`", "~~", "|", ">", '"'])
def test_a_token_is_masked_between_marks_of_formatting(mark):
    token = "gh" + "p_" + Maker(9).of("abcdefgh01234567", 36)
    assert masked(f"see {mark}{token}{mark} there").startswith(f"see {mark}{MASK}")


@pytest.mark.parametrize("begin", ["> ", ">> ", "# ", "| ", " * ", "    "])
def test_a_private_key_is_masked_in_a_quote_and_in_a_comment(begin):
    whole = next(one.secret for one in planted(1) if one.kind == "RSA key")
    text = "\n".join(begin + line for line in whole.split("\n"))
    assert masked(text) == begin + MASK


def test_an_encrypted_token_is_masked():
    maker = Maker(10)
    head = maker.segment({"alg": "RSA-OAEP", "enc": "A256GCM"})
    parts = ".".join(maker.of("abcXYZ012_-", length) for length in (86, 16, 60, 22))
    assert masked(f"cookie {head}.{parts}") == f"cookie {MASK}"
    assert masked(f"cookie {head}..{parts.split('.', 1)[1]}") == f"cookie {MASK}"


def test_a_secret_longer_than_is_looked_at_is_masked_whole():
    long = Maker(6).of("abcdefghijklm0123456789", 3_000)
    assert masked(f"api_key={long} and more") == f"api_key={MASK} and more"


@pytest.mark.parametrize(
    "text",
    [
        "the password is written on the wall",
        "the password must contain 8 characters",
        "token: short",
        "a sketch of sk-8 and a task-1234567890123456789012",
        "see https://example.org/path?a=b and ssh://git@host/x",
        "postgresql://user:password@localhost/db",
        "the secret of good tea",
        "api_key = settings.api_key_v2",
        'token = get_token("first")',
        "password: ${DB_PASSWORD_1}",
        'API_KEY="your-api-key-1"',
        "Authorization: Bearer <TOKEN_1>",
        "sha256:" + "0a" * 32,
        "commit 0123abcd0123abcd0123abcd0123abcd0123abcd",
        "id 0197f3c2-1234-7000-8000-00000000abcd",
        "密码是什么",
    ],
)
def test_ordinary_text_is_not_masked(text):
    assert count_masked(text) == (text, {})


def messages_of(paths):
    for path in paths:
        if path.suffix in {".py", ".md", ".sh", ".sql", ".yaml", ".yml", ".toml"}:
            yield from split_text(path.read_text(encoding="utf-8", errors="ignore"), 2_000)


def conversations():
    for one in own_sets():
        for conversation in one.conversations:
            for session in conversation.sessions:
                yield from (turn.message.content for turn in session)


@pytest.mark.newest_python
def test_ordinary_messages_are_left_alone():
    library = Path(sysconfig.get_path("stdlib"))
    corpora = {
        "conversations": conversations(),
        "this project": messages_of(
            path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*"))
        ),
        "the standard library": messages_of(
            path for path in sorted(library.rglob("*.py")) if "site-packages" not in path.parts
        ),
    }
    for what, texts in corpora.items():
        every = [*texts]
        touched = [text for text in every if count_masked(text)[1]]
        assert every, what
        assert len(touched) <= 0.001 * len(every), (what, touched)


FILLINGS = [
    *("", "a1-", "a1", "=", ":", ": ", ": a", "=Xk9", "\u200b", " ", "\n", ":x1", "://a:", '"'),
    *("'\"", "a" * 19 + ".", "A" * 39 + "\n", "> ", " for a ", "-p ", " is a1b2c3d4 ", "|", "--"),
    *('\\"', "a1b2c3d4e5", "Abc: ", " a password ", "\u0130", " | a1 ", "KEY-----\nAbc: "),
]
NEARLY = [
    *("\u200b", "\x1b]", "eyJaaaaaaaaaa..", "SK-password=1", "password: a[b] = ", "1//0a"),
    "$6$a$a",
]


def seconds(work, text):
    began = time.process_time()
    work(text)
    return time.process_time() - began


@pytest.mark.newest_python
def test_no_text_takes_long_to_mask():
    """A text costs at most twice what it costs to keep prose of its length."""
    length = 5_000
    prose = "".join(conversations())[:length]

    def keep(text):
        masked(text)
        tsvector_of(text, None, datetime.now(UTC))

    keep(prose)
    bound = 2 * min(seconds(keep, prose) for _ in range(5))
    parts = NEARLY + [mark + more for rule in RULES for mark in rule.marks for more in FILLINGS]
    slow = []
    for part in parts:
        text = (part * (length // len(part) + 1))[:length]
        if seconds(masked, text) > bound:
            spent = min(seconds(masked, text) for _ in range(5))
            slow += [(part, spent / bound)] if spent > bound else []
    assert slow == []


def test_marks_are_in_small_letters():
    assert all(mark == mark.lower() for rule in RULES for mark in rule.marks)


def test_places_are_right_behind_every_character():
    password = Maker(7).password()
    odd = "".join(map(chr, (0x130, 0x131, 0xDF, 0x1E9E, 0x3A3, 0xFB01, 0x1F600)))
    assert masked(f"{odd} password={password}") == f"{odd} password={MASK}"
    every = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x11000)]))
    assert masked(f"{every} password={password}").endswith(f" password={MASK}")
