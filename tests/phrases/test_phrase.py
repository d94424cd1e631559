"""Texts that people read are made from an id and arguments, which survive a journey."""

import copy
import json
import pickle

import pytest

from sage.phrases import (
    Phrase,
    as_json,
    from_json,
    joined,
    numbered,
    phrase,
    stretches,
    with_arguments,
)
from tests.support.each import each

NESTED = phrase(
    "{place}: {problem}; one of {names}",
    place=phrase("line {number:,}", number=1200),
    problem="is {no} number",
    names=["a", phrase("b of {c}", c=True)],
)


def test_a_phrase_is_its_text_and_keeps_what_it_is_made_of():
    made = phrase("port {port} of {host} took {seconds:.1f} s", port=17800, host="::1", seconds=2)
    assert made == "port 17800 of ::1 took 2.0 s"
    assert isinstance(made, str)
    assert made.id == "port {port} of {host} took {seconds:.1f} s"
    assert dict(made.arguments) == {"port": 17800, "host": "::1", "seconds": 2}


def test_what_is_put_in_is_never_read_as_a_template():
    hostile = "{name.__class__} {0} {secret} {{name}}"
    made = phrase("no {name}, {secret}", name=hostile, secret="s")
    assert made == f"no {hostile}, s"


@each("text", ['for example {"topic": "tea"}', "{", "{}", "{0}", "{name!r}", "{name.real}", "{b}"])
def test_braces_that_name_no_argument_are_text(text):
    made = phrase(text, name=1, a=2)
    assert made == text
    assert not made.arguments


def test_a_value_of_another_type_is_taken_as_its_text():
    made = phrase("{error} in {paths}", error=ValueError("bad"), paths=(1, None))
    assert made == "bad in 1, None"
    json.dumps(as_json(made))


def test_arguments_can_be_added_and_replaced():
    made = with_arguments(with_arguments("{field} has {count}", field="n"), field="-n", count=3)
    assert made == "-n has 3"
    assert made.id == "{field} has {count}"


def test_texts_one_after_the_other_stay_phrases():
    made = joined("; ", ["it ends", NESTED])
    assert made == f"it ends; {NESTED}"
    assert [one.id for one in made.arguments.values()] == ["it ends", NESTED.id]
    assert joined("; ", []) == ""


def test_a_sentence_about_a_number_is_one_whatever_the_number():
    made = [
        numbered("{count:,} of {a} is old", "{count:,} of {a} are old", count=count, a=1000)
        for count in (0, 1, 2000)
    ]
    assert made == ["0 of 1000 are old", "1 of 1000 is old", "2,000 of 1000 are old"]
    assert {one.id for one in made} == {"{count:,} of {a} is old"}
    assert {one.plural for one in made} == {"{count:,} of {a} are old"}
    assert with_arguments(made[2], count=1) == made[1]
    for one in made:
        read = from_json(str(one), json.loads(json.dumps(as_json(one))))
        assert (read, as_json(read)) == (one, as_json(one))
        assert as_json(copy.deepcopy(one)) == as_json(one)


@each("text", ["plain", NESTED, numbered("one {a}", "{count} of {a}{b}", count=2, a="{b}")])
def test_a_text_comes_apart_at_its_arguments(text):
    pieces = list(stretches(text))
    assert "".join(piece for _, piece in pieces) == text
    named = {name for name, _ in pieces} - {""}
    assert named == (set(text.arguments) if isinstance(text, Phrase) else set())


@each("copied", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_a_copy_is_a_phrase(copied):
    made = copied(NESTED)
    assert (type(made), made, made.id) == (Phrase, NESTED, NESTED.id)
    assert made.arguments == NESTED.arguments


def test_a_phrase_comes_back_from_json_with_all_that_is_in_it():
    sent = json.loads(json.dumps(as_json(NESTED)))
    made = from_json(str(NESTED), sent)
    assert (made, made.id) == (NESTED, NESTED.id)
    place, names = made.arguments["place"], made.arguments["names"]
    assert (place, place.id, place.arguments["number"]) == ("line 1,200", "line {number:,}", 1200)
    assert names[1].id == "b of {c}"


def _deep(levels):
    return "x" if not levels else {"id": "{x}", "arguments": {"x": _deep(levels - 1)}}


@each(
    "sent",
    [
        None, "x", ["x"], {}, {"id": "x"}, {"id": 1, "arguments": {}}, {"id": "x", "arguments": []},
        {"id": "{x}", "arguments": {"x": None}}, {"id": "another", "arguments": {}},
        {"id": "x", "arguments": {}, "more": 1}, {"id": "x", "arguments": {}, "plural": 1},
        _deep(500),
    ],
)  # fmt: skip
def test_what_is_no_phrase_of_a_text_leaves_the_text(sent):
    assert from_json("x", sent) == "x"
    assert not isinstance(from_json("x", sent), Phrase)


@pytest.mark.parametrize("width", ["999999999", ">9", "s", "!r", "c"])
def test_a_template_from_elsewhere_cannot_ask_for_more_than_numbers(width):
    sent = {"id": f"{{x:{width}}}", "arguments": {"x": 1}}
    assert from_json(f"{{x:{width}}}", sent) == f"{{x:{width}}}"
