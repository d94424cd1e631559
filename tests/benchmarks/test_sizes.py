"""The cost of memories is calculated from measured constants, and the pages are up to date."""

import pytest

from benchmarks.cli.sizes import PAGES
from benchmarks.sizes import calculated, quantities, with_tables
from tests.architecture.sources import ROOT


def amounts(name, sizes, space=None):
    """Return the values of one quantity."""
    [values] = [row for quantity, row in calculated(sizes, space) if quantity.name == name]
    return values


@pytest.mark.parametrize("quantity", quantities(), ids=lambda one: one.name)
def test_a_measured_value_is_itself(quantity):
    for size, value in quantity.at:
        found = quantity.value(size, None)
        assert found.measured
        assert found.amount == pytest.approx(value * (size if quantity.each else 1))


def test_values_between_and_beyond_measured_sizes_follow_the_trend():
    [searching] = [one for one in quantities() if one.name == "search_postgres"]
    sizes = [size for size, _ in searching.at]
    among = sorted([*sizes, *(size + 1 for size in sizes), sizes[-1] * 10])
    found = [searching.value(size, None) for size in among]
    assert [one.measured for one in found] == [size in sizes for size in among]
    assert [one.amount for one in found] == sorted(one.amount for one in found)


def test_small_spaces_have_no_index_and_are_searched_like_a_small_database():
    assert amounts("index", [10_000, 1_000_000], space=1_000) == [None, None]
    small, large = amounts("search_postgres", [1_000, 100_000_000], space=1_000)
    assert small.amount == large.amount


def test_disk_is_the_sum_of_its_parts():
    parts = ("rows", "words", "vectors", "index")
    total = sum(amounts(name, [1_000_000])[0].amount for name in parts)
    assert amounts("disk", [1_000_000])[0].amount == pytest.approx(total)


@pytest.mark.parametrize("language", PAGES)
def test_the_tables_of_the_page_are_up_to_date(language):
    page = (ROOT / PAGES[language]).read_text(encoding="utf-8")
    assert with_tables(page, language) == page, "run python -m benchmarks sizes --write"
    assert page.count("\n| **") == 2


def test_any_size_is_calculated(bench):
    code, out, err = bench("sizes", "--memories", "250000", "--space", "1000")
    assert code == 0, err
    assert "250,000" in out
    assert "index of vectors" not in out
    assert bench("sizes", "--memories", "0")[0] == 2
