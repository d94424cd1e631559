"""What is left out on Citus exists, and is left out for a reason."""

import ast

from tests.architecture.sources import ROOT
from tests.citus.left_out import reasons

WORDS = 5


def test_each_place_is_a_test_or_a_file_of_tests():
    for place in reasons():
        name, _, test = place.partition("::")
        assert (ROOT / name).is_file(), place
        assert not test or test in _functions(name), place


def test_nothing_is_listed_twice_and_every_reason_is_a_sentence():
    listed = reasons()
    for place, reason in listed.items():
        name, _, test = place.partition("::")
        assert not test or name not in listed, place
        assert len(reason.split()) > WORDS, reason


def _functions(name):
    tree = ast.parse((ROOT / name).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name for one in ast.walk(tree) if isinstance(one, kinds)}
