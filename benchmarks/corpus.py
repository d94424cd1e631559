"""A corpus of generated memories, by number: the same on every machine.

The frequency of words is like that in real conversations: some are in every tenth memory, most in
few (Zipf's law, with invented words as the rare ones). Each memory contains its number. One in five
is Chinese.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sage.domain.memories import Message, Role

SESSION_TURNS = 20
_BEGAN_AT = datetime(2024, 1, 1, 8, tzinfo=UTC)
_BETWEEN_TURNS = timedelta(minutes=2)
_CHINESE_EVERY = 5
_RARE_WORDS = 20_000
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "or")]

_PEOPLE = """
    Ada Bruno Chen Dora Emil Farah Goran Hana Ivo Jun Kemal Lena Mei Nils Olga Pia Quinn Rosa
    Sven Tara Uma Vera Wanda Xavi Yara Zeno
""".split()  # noqa: SIM905 - a list of words reads best as words
_DEEDS = """
    bought sold repaired lost found painted cooked borrowed returned ordered cancelled planned
    described measured cleaned packed drew photographed explained forgot
""".split()  # noqa: SIM905 - a list of words reads best as words
_THINGS = """
    lantern bicycle violin teapot passport ladder carpet telescope saddle notebook kettle
    compass blanket camera rucksack hammock accordion chessboard umbrella typewriter canoe
    mirror aquarium toolbox sewing-machine bookshelf greenhouse beehive wheelbarrow thermos
    microscope harmonica tent snowboard globe clock projector guitar armchair scooter printer
    fountain sculpture vase calendar map engine curtain candle mandolin
""".split()  # noqa: SIM905 - a list of words reads best as words
_PLACES = """
    harbour library workshop market station allotment theatre bakery museum bridge orchard
    clinic school embassy lighthouse vineyard airport garage stadium chapel
""".split()  # noqa: SIM905 - a list of words reads best as words
_REASONS = (
    "because the old one broke",
    "after a long talk about it",
    "although it was far too expensive",
    "and was proud of it",
    "before the guests arrived",
    "since nobody else wanted to",
    "and asked me to remember it",
    "which took the whole weekend",
)
_ZH_PEOPLE = ("小林", "老周", "阿芳", "陈静", "王磊", "赵敏", "孙浩", "李娜")
_ZH_DEEDS = ("买了", "卖掉了", "修好了", "弄丢了", "找到了", "借走了", "订购了", "拍下了")
_ZH_THINGS = ("灯笼", "自行车", "小提琴", "茶壶", "护照", "梯子", "地毯", "望远镜", "相机", "背包")
_ZH_PLACES = (
    "码头",
    "图书馆",
    "工作室",
    "市场",
    "车站",
    "菜园",
    "剧院",
    "面包店",
    "博物馆",
    "果园",
)


def words() -> list[str]:
    """Return every word of the corpus, except numbers and invented words."""
    return [
        *_PEOPLE,
        *_DEEDS,
        *_THINGS,
        *_PLACES,
        *_REASONS,
        *_ZH_PEOPLE,
        *_ZH_DEEDS,
        *_ZH_THINGS,
        *_ZH_PLACES,
    ]


def memory(number: int) -> Message:
    """Return the memory with this number."""
    draw = random.Random(number)  # noqa: S311 - the same memories every time, guards nothing
    role = Role.ASSISTANT if number % 2 else Role.USER
    if number % _CHINESE_EVERY:
        text = (
            f"{draw.choice(_PEOPLE)} {draw.choice(_DEEDS)} a {draw.choice(_THINGS)} near the "
            f"{draw.choice(_PLACES)} {draw.choice(_REASONS)}: {_rare(draw)}, {_rare(draw)} and "
            f"{_rare(draw)}; the receipt has number {number}."
        )
    else:
        text = (
            f"{draw.choice(_ZH_PEOPLE)}在{draw.choice(_ZH_PLACES)}{draw.choice(_ZH_DEEDS)}"
            f"一个{draw.choice(_ZH_THINGS)}，收据的号码是{number}。"  # noqa: RUF001 - CJK marks
        )
    return Message(role, text, None, time_of(number))


def time_of(number: int) -> datetime:
    """Return the time of the memory with this number."""
    return _BEGAN_AT + number * _BETWEEN_TURNS


def session_of(number: int) -> str:
    """Return the session id of the memory with this number."""
    return f"made up {number // SESSION_TURNS}"


def question(number: int) -> str:
    """Return the question with this number, different for each, about subjects of memories."""
    draw = random.Random(-number - 1)  # noqa: S311 - the same questions every time
    if number % _CHINESE_EVERY:
        return (
            f"What did {draw.choice(_PEOPLE)} say about the {draw.choice(_THINGS)} at the "
            f"{draw.choice(_PLACES)}, {_rare(draw)} and {_rare(draw)}? This is question {number}."
        )
    return (
        f"{draw.choice(_ZH_PEOPLE)}在{draw.choice(_ZH_PLACES)}的{draw.choice(_ZH_THINGS)}"
        f"后来怎么样了？这是第{number}个问题。"  # noqa: RUF001 - CJK marks
    )


def _rare(draw: random.Random) -> str:
    """Return an invented word; the n-th most common is 1/n as frequent as the first."""
    rank = int(_RARE_WORDS ** draw.random())
    word = ""
    for _ in range(3):
        rank, syllable = divmod(rank, len(_SYLLABLES))
        word += _SYLLABLES[syllable]
    return word
