"""Every threat that docs/security.md names is met by tests that exist."""

import re

from tests.architecture.sources import ROOT
from tests.docs.pages import named_tests, written_tests
from tests.support.each import each

PAGE = ROOT / "docs/security.md"
CHINESE = ROOT / "docs/zh/security.md"
ROW = re.compile(r"^\| ([A-Z]\d+) \|.*$", re.MULTILINE)
CELL = re.compile(r"(?<!\\)\|")


def _threats(page):
    return {
        row[1]: [cell.strip() for cell in CELL.split(row[0])[2:-1]]
        for row in ROW.finditer(page.read_text())
    }


THREATS = _threats(PAGE)


def test_each_kind_of_threat_is_numbered_without_a_gap():
    numbers = ROW.findall(PAGE.read_text())
    assert len(numbers) > 20
    kinds = dict.fromkeys(number[0] for number in numbers)
    assert numbers == [
        f"{kind}{place}"
        for kind in kinds
        for place in range(1, sum(number[0] == kind for number in numbers) + 1)
    ]


@each("threat", THREATS)
def test_a_threat_names_tests_that_exist(threat):
    what, does, _, tests = THREATS[threat]
    assert what
    assert does
    if tests == "not yet":
        assert does.startswith("Not yet: ")
        return
    named = named_tests(tests)
    assert named
    assert len(named) == tests.count("::")
    assert {one for one in named if one not in written_tests(ROOT / one[0])} == set()


def test_the_chinese_page_has_the_same_threats_and_names_the_same_tests():
    chinese = _threats(CHINESE)
    assert list(chinese) == list(THREATS)
    for number, (what, does, remains, tests) in chinese.items():
        assert what
        assert does
        assert bool(remains) == bool(THREATS[number][2])
        assert named_tests(tests) == named_tests(THREATS[number][3]), number
