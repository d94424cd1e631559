import pytest

from sage.domain.candidates import PlannerStatistics
from sage.retrieval.query.selectivity import paired_terms, selective_terms

BIG = PlannerStatistics(100_000, {"day": 0.05, "tea": 0.015, "the": 0.9}, {"home": 0.5})


def test_rare_terms_are_taken_before_common_ones():
    assert selective_terms(("the", "day", "heron", "tea"), "home", BIG) == ("heron", "tea")


def test_one_term_is_taken_however_common():
    assert selective_terms(("the", "day"), "home", BIG) == ("day",)


def test_in_a_small_store_every_term_is_taken():
    small = PlannerStatistics(1_000, BIG.share_by_term, BIG.share_by_space)
    assert set(selective_terms(("the", "day", "tea"), "home", small)) == {"the", "day", "tea"}


def test_a_space_too_small_to_be_listed_counts_as_the_smallest_listed():
    statistics = PlannerStatistics(100_000, {"day": 0.5}, {"big": 0.9, "small": 0.01})
    assert set(selective_terms(("day", "heron"), "tiny", statistics)) == {"heron", "day"}
    assert selective_terms(("day", "heron"), "big", statistics) == ("heron",)


def test_in_a_small_space_every_term_is_taken_however_common_it_is_elsewhere():
    common = dict.fromkeys(("day", "tea", "mill", "heron"), 0.9)
    statistics = PlannerStatistics(100_000, common, {"big": 0.9, "small": 0.019})
    assert set(selective_terms([*common], "small", statistics)) == {*common}
    assert len(selective_terms([*common], "big", statistics)) == 1


def test_where_nothing_is_known_every_term_is_taken():
    assert selective_terms(("a", "b"), "home", PlannerStatistics(0, {}, {})) == ("a", "b")


@pytest.mark.parametrize("most_matches", [0, 10])
def test_the_number_of_matches_is_bounded(most_matches):
    assert selective_terms(("day", "tea"), "home", BIG, most_matches) == ("tea",)


def test_of_a_large_space_the_rarest_terms_are_paired_with_all_others():
    assert paired_terms(("the", "day", "heron", "tea"), "home", BIG) == (
        ("heron", "tea", "day"),
        ("the",),
    )


def test_the_rarest_term_is_paired_however_common():
    huge = PlannerStatistics(1e7, BIG.share_by_term, BIG.share_by_space)
    assert paired_terms(("the", "day"), "home", huge) == (("day",), ("the",))


def test_where_every_term_is_taken_none_is_paired():
    assert paired_terms(("a", "b"), "home", PlannerStatistics(0, {}, {})) == ((), ())
    assert paired_terms(("day", "tea"), "tiny", replace_size(BIG, 1_000)) == ((), ())


def replace_size(known, memories):
    return PlannerStatistics(memories, known.share_by_term, known.share_by_space)
