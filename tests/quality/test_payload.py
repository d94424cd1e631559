"""What reaches a model on LoCoMo, in tokens as `count_tokens_upper_bound` counts them.

`get_context` is held to its window, `search_memory` to a ratio of the text to what was said in it.
"""

from dataclasses import replace
from datetime import UTC

import pytest

from sage.api.answer_json import to_json_object
from sage.api.tools import CONTEXT, SEARCH
from sage.bootstrap import open_services
from sage.cli.benchmark.conversations import read_set
from sage.cli.benchmark.quality import store_set
from sage.domain.caller import Caller
from sage.retrieval.context.tokens import count_tokens_upper_bound as tokens
from tests.architecture.sources import ROOT
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.serving import settings_for

LOCOMO = ROOT.parent / "shared/data/locomo-dev.json"
EVERY = 8
MAX_A_TOKEN = 2.6

pytestmark = pytest.mark.skipif(
    not LOCOMO.exists(), reason=f"LoCoMo is not at {LOCOMO}: the payload was not measured"
)


@pytest.fixture
async def talk(postgres_dsn, tmp_path, monkeypatch):
    """Keep a conversation; give the services, who asks, and its questions."""
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    whole = read_set(LOCOMO)
    one = replace(whole, conversations=whole.conversations[:1])
    questions = [question.text for question in one.conversations[0].questions][::EVERY]
    async with open_services(settings_for(postgres_dsn, tmp_path)) as services:
        await store_set(services, one, merged=False, progress=lambda _: None)
        yield services, Caller(one.name), questions


async def test_a_search_wraps_little_around_what_was_said(talk):
    services, caller, questions = talk
    read = said = 0
    for question in questions:
        arguments = SEARCH.arguments.parse({"query": question})
        answer = await SEARCH.run(services, caller, arguments)
        assert len(answer.results) == 5
        read += tokens(SEARCH.write(answer, UTC))
        said += sum(tokens(hit.content) for hit in answer.results)
    assert read / said <= MAX_A_TOKEN


@pytest.mark.parametrize("window", [200, 500, 2_000, 4_000])
async def test_a_context_stays_within_its_window_with_all_that_is_around_it(talk, window):
    services, caller, questions = talk
    asked = {"context_window": window, "max_results": 50}
    fullest = 0
    for question in questions:
        arguments = CONTEXT.arguments.parse({"query": question} | asked)
        answer = await CONTEXT.run(services, caller, arguments)
        text = CONTEXT.write(answer, UTC)
        assert text == answer.context
        assert tokens(text) == answer.tokens <= window
        fullest = max(fullest, answer.tokens)
        said = {hit.content for hit in await _hits(services, caller, question)}
        listed = str(to_json_object(answer)["memories"])
        assert not any(content in listed for content in said)
    assert fullest > 0.9 * window


async def _hits(services, caller, question):
    arguments = SEARCH.arguments.parse({"query": question, "n": 20})
    return (await SEARCH.run(services, caller, arguments)).results
