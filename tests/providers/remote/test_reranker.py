import pytest

from sage.errors import ProviderUnavailableError
from sage.providers.remote.client import ApiClient
from sage.providers.remote.faults import MalformedResponseError
from sage.providers.remote.reranker import RemoteReranker, _parse_scores
from tests.support.each import each

BGE, QWEN3 = "BAAI/bge-reranker-v2-m3", "Qwen/Qwen3-Reranker-0.6B"


@pytest.fixture
async def open_reranker(endpoint_of, hasty):
    opened = []

    def make(name=BGE):
        opened.append(RemoteReranker(ApiClient(endpoint_of(), hasty, "rerank"), name))
        return opened[-1]

    yield make
    for reranker in opened:
        await reranker.close()


async def test_scores_are_in_the_order_of_the_texts_though_the_best_comes_first(open_reranker):
    texts = ["nothing of it", "the heron nests", "a heron"]
    result = await open_reranker().score("heron nests", texts)
    assert sorted(range(3), key=lambda place: -result[place]) == [1, 2, 0]


@pytest.mark.parametrize(("name", "instructed"), [(BGE, False), (QWEN3, True)])
async def test_an_instruction_is_sent_to_qwen3_alone(fake, open_reranker, name, instructed):
    await open_reranker(name).score("heron", ["a", "b"])
    (request,) = fake.requests
    assert ("instruction" in request.body) == instructed
    assert request.body["return_documents"] is False
    assert request.body["top_n"] == 2


async def test_long_texts_are_cut_and_no_texts_cost_no_call(fake, open_reranker):
    reranker = open_reranker()
    assert await reranker.score("heron", []) == ()
    assert fake.requests == []
    await reranker.score("q" * 5000, ["t" * 5000])
    (request,) = fake.requests
    assert len(request.body["query"]) == len(request.body["documents"][0]) == 2000


async def test_the_last_error_is_set_by_a_failure_and_cleared_by_a_success(
    fake, open_reranker, until
):
    reranker = open_reranker()
    await fake.inject("overloaded")
    with pytest.raises(ProviderUnavailableError, match="503"):
        await reranker.score("heron", ["a", "b"])
    assert "503" in reranker.last_error
    await fake.inject("none")

    async def answers():
        try:
            return len(await reranker.score("heron", ["a", "b"])) == 2
        except ProviderUnavailableError:
            return False

    await until(answers)
    assert reranker.last_error == ""


def scores(*pairs):
    return {"results": [{"index": index, "relevance_score": score} for index, score in pairs]}


@each(
    "answer",
    [
        {},
        {"results": None},
        scores((0, 0.5)),
        scores((0, 0.5), (1, 0.5), (2, 0.5)),
        scores((0, 0.5), (0, 0.5)),
        scores((0, 0.5), (2, 0.5)),
        scores((0, 0.5), (-1, 0.5)),
        scores((0, 0.5), (1, None)),
        scores((0, 0.5), (1, float("nan"))),
        scores((0, 0.5), (1, 10**400)),
    ],
)
def test_anything_but_one_score_for_each_text_is_refused(answer):
    with pytest.raises(MalformedResponseError):
        _parse_scores(answer, 2)
