import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from sage.domain.memories import Memory, Role
from sage.domain.searching import Degradation, Hit, SearchResult
from sage.errors import ProviderUnavailableError
from sage.service.search.reranking import rerank

NOON = datetime(2023, 5, 8, 12, tzinfo=UTC)


class Judge:
    """A reranker that gives the scores it was made with, fails, or never answers."""

    def __init__(self, *scores, failure=None, hangs=False):
        self.scores = scores
        self.failure = failure
        self.hangs = hangs
        self.asked = []

    async def score(self, question, texts):
        self.asked.append((question, list(texts)))
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        return self.scores[: len(texts)]


def answer_of(*scores):
    return SearchResult(
        tuple(
            Hit.of(
                Memory(UUID(int=n), "talk", Role.USER, "Anna", f"turn {n}", NOON), score, {"w": 1.0}
            )
            for n, score in enumerate(scores, start=1)
        )
    )


def order(answer):
    return [hit.memory_id.int for hit in answer.hits]


async def test_search_and_judge_weigh_the_same():
    judge = Judge(0.0, 0.1, 5.0)
    reranked = await rerank(judge, "tea?", answer_of(0.9, 0.8, 0.1), 10)
    assert order(reranked)[0] in {1, 3}
    assert order(await rerank(Judge(1, 2, 3), "?", answer_of(0.5, 0.5, 0.5), 10)) == [
        3,
        2,
        1,
    ]
    assert reranked.degraded == ()
    assert [hit.standing for hit in reranked.hits] == sorted(
        (hit.standing for hit in reranked.hits), reverse=True
    )


async def test_a_judge_to_whom_all_are_equal_changes_no_order():
    reranked = await rerank(Judge(1, 1, 1), "tea?", answer_of(0.9, 0.5, 0.1), 10)
    assert order(reranked) == [1, 2, 3]


async def test_a_hit_tells_what_the_judge_said_beside_its_other_signals():
    reranked = await rerank(Judge(0.25, 0.75), "tea?", answer_of(0.6, 0.5), 10)
    signals = {hit.memory_id.int: hit.signals for hit in reranked.hits}
    assert signals == {1: {"w": 1.0, "reranker": 0.25}, 2: {"w": 1.0, "reranker": 0.75}}


async def test_only_the_candidates_are_shown_and_the_rest_stay_behind():
    judge = Judge(0.1, 0.9)
    reranked = await rerank(judge, "tea?", answer_of(0.9, 0.8, 0.7, 0.6), 2)
    assert len(judge.asked[0][1]) == 2
    assert order(reranked)[2:] == [3, 4]
    scores = [hit.standing for hit in reranked.hits]
    assert scores == sorted(scores, reverse=True)


async def test_the_judge_reads_who_spoke_and_when():
    judge = Judge(1, 2)
    await rerank(judge, "tea?", answer_of(0.9, 0.8), 10)
    assert judge.asked == [("tea?", ["2023-05-08 Anna: turn 1", "2023-05-08 Anna: turn 2"])]


@pytest.mark.parametrize("scores", [(), (0.5,)])
async def test_fewer_than_two_hits_need_no_judge(scores):
    judge = Judge()
    assert await rerank(judge, "tea?", answer_of(*scores), 10) == answer_of(*scores)
    assert judge.asked == []


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        (Judge(failure=ProviderUnavailableError("it is away")), "it is away"),
        (Judge(hangs=True), "no scores within 0.05 s"),
    ],
    ids=["fails", "hangs"],
)
async def test_without_a_judgement_hits_come_as_they_are_and_it_is_said(judge, reason):
    found = answer_of(0.9, 0.8)
    reranked = await rerank(judge, "tea?", found, 10, deadline_s=0.05)
    assert reranked.hits == found.hits
    assert reranked.degraded == (Degradation("reranker", reason),)


@pytest.mark.parametrize("scores", [(0.0, 1.0), (1.0, 1.0), (0.0, 0.0)])
async def test_scores_at_the_ends_stay_between_0_and_1(scores):
    reranked = await rerank(Judge(-1e9, 1e9), "tea?", answer_of(*scores), 10)
    assert all(0 <= hit.standing <= 1 for hit in reranked.hits)
