import pytest

from sage.errors import ProviderUnavailableError
from sage.providers.remote.client import ApiClient
from sage.providers.remote.faults import MalformedAnswerError
from sage.providers.remote.reranker import RemoteReranker, _read_scores

BGE, QWEN3 = "BAAI/bge-reranker-v2-m3", "Qwen/Qwen3-Reranker-0.6B"


@pytest.fixture
async def open_reranker(endpoint_of, hasty):
    opened = []

    def make(name=BGE):
        opened.append(RemoteReranker(ApiClient(endpoint_of(), hasty), name))
        return opened[-1]

    yield make
    for reranker in opened:
        await reranker.close()


async def test_scores_stand_in_the_order_of_the_texts_though_the_best_comes_first(open_reranker):
    texts = ["nothing of it", "the heron nests", "a heron"]
    scores = await open_reranker().relevance("heron nests", texts)
    assert sorted(range(3), key=lambda place: -scores[place]) == [1, 2, 0]


@pytest.mark.parametrize(("name", "instructed"), [(BGE, False), (QWEN3, True)])
async def test_an_instruction_is_sent_to_qwen3_alone(fake, open_reranker, name, instructed):
    await open_reranker(name).relevance("heron", ["a", "b"])
    (request,) = fake.requests
    assert ("instruction" in request.body) == instructed
    assert request.body["return_documents"] is False
    assert request.body["top_n"] == 2


async def test_long_texts_are_cut_and_no_texts_cost_no_call(fake, open_reranker):
    reranker = open_reranker()
    assert await reranker.relevance("heron", []) == ()
    assert fake.requests == []
    await reranker.relevance("q" * 5000, ["t" * 5000])
    (request,) = fake.requests
    assert len(request.body["query"]) == len(request.body["documents"][0]) == 2000


async def test_a_provider_in_trouble_is_told_and_forgotten_when_it_is_over(
    fake, open_reranker, until
):
    reranker = open_reranker()
    await fake.inject("overloaded")
    with pytest.raises(ProviderUnavailableError, match="503"):
        await reranker.relevance("heron", ["a", "b"])
    assert "503" in reranker.last_error
    await fake.inject("none")

    async def answers():
        try:
            return len(await reranker.relevance("heron", ["a", "b"])) == 2
        except ProviderUnavailableError:
            return False

    await until(answers)
    assert reranker.last_error == ""


def judged(*pairs):
    return {"results": [{"index": index, "relevance_score": score} for index, score in pairs]}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"results": None},
        judged((0, 0.5)),
        judged((0, 0.5), (1, 0.5), (2, 0.5)),
        judged((0, 0.5), (0, 0.5)),
        judged((0, 0.5), (2, 0.5)),
        judged((0, 0.5), (-1, 0.5)),
        judged((0, 0.5), (1, None)),
        judged((0, 0.5), (1, float("nan"))),
        judged((0, 0.5), (1, 10**400)),
    ],
)
def test_what_is_no_judgement_of_each_text_is_not_believed(answer):
    with pytest.raises(MalformedAnswerError):
        _read_scores(answer, 2)
