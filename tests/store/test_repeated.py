"""A query or function that distributed databases have in another form is changed in both."""

import re

from tests.store.repeated import digests, forms, written

MATCHING = r"sage\.words_matching\(space, ([^,]+), is_large\)"
# How the nodes ask what the view of memories would be asked, of which there is none.
SUBSTITUTES = [
    (
        rf"\( SELECT count\(\*\) FROM \( SELECT FROM {MATCHING} LIMIT (\w+) \) AS calls \)",
        r"sage.count_matching(space, \1, is_large, \2)",
    ),
    (rf"EXISTS \(SELECT FROM {MATCHING}\)", r"sage.count_matching(space, \1, is_large, 1) > 0"),
]


def test_each_form_that_is_changed_is_changed_in_both():
    now, before = digests(), written()
    assert now.keys() == before.keys(), "run `python -m tests.store.repeated`"
    half = {
        name: "only the plain form was changed"
        if now[name][0] != before[name][0]
        else "only the form of distributed databases was changed"
        for name in now
        if sum(one != other for one, other in zip(now[name], before[name], strict=True)) == 1
    }
    assert not half, "change the other one, too, then run `python -m tests.store.repeated`"
    assert now == before, "run `python -m tests.store.repeated`"


def test_words_are_looked_up_on_nodes_as_on_a_plain_database():
    plain, distributed = forms()["sage.search_words"]
    for pattern, substitute in SUBSTITUTES:
        plain = re.sub(pattern, substitute, plain)
    assert _body(plain) == _body(distributed)


def test_the_latest_words_are_read_on_nodes_as_on_a_plain_database():
    plain, distributed = forms()["sage.latest_words"]
    assert _body(plain) == _body(distributed).removeprefix("BEGIN RETURN QUERY ").removesuffix(
        " END"
    )


def _body(function):
    body = function[function.index("$$") + 2 : function.rindex("$$")]
    return body.strip()
