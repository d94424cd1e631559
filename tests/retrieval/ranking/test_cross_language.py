import json
from importlib import resources

import numpy as np
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.providers.local import LocalEmbedder
from sage.retrieval.ranking.cross_language import languages_of
from sage.retrieval.text.scripts import language_of

KEPT = json.loads(
    resources.files("sage.retrieval.ranking").joinpath("languages.json").read_text(encoding="utf-8")
)
ENGLISH, CHINESE = 0, 1


@pytest.fixture
async def embedder(texts_embedded_once):  # noqa: ARG001 - in effect
    embedder = LocalEmbedder()
    await embedder.start()
    yield embedder
    await embedder.close()


@pytest.mark.newest_python
async def test_the_means_kept_are_those_of_the_sentences_beside_them(embedder):
    languages = languages_of(embedder.model)
    for number, sentences in enumerate(zip(*KEPT["sentences"], strict=True)):
        passages = await embedder.embed_passages(sentences)
        questions = [await embedder.embed_query(sentence) for sentence in sentences]
        assert languages.passages[number] == pytest.approx(passages.mean(axis=0), abs=1e-3)
        assert languages.questions[number] == pytest.approx(np.mean(questions, axis=0), abs=1e-3)


@pytest.mark.newest_python
async def test_the_means_of_questions_are_those_of_the_questions_beside_them(embedder):
    languages = languages_of(embedder.model)
    for number, questions in enumerate(zip(*KEPT["asked_sentences"], strict=True)):
        passages = await embedder.embed_passages(questions)
        assert languages.asked[number] == pytest.approx(passages.mean(axis=0), abs=1e-3)
        assert languages.debiased_questions(passages).mean(axis=0) == pytest.approx(0, abs=0.02)


async def test_chinese_is_told_from_all_that_is_written_otherwise(embedder):
    languages = languages_of(embedder.model)
    chinese = ["我们在湖边烤了香肠。", "明天要去拔牙", "好", "他會搭夜班火車回家。"]
    others = [
        "We grilled sausages by the lake and my uncle was late.",
        "Ok",
        "Mein Onkel kommt mit dem Nachtzug.",
        "おじさんは夜行列車で帰ってきます。",
        "삼촌은 밤기차를 타고 와요.",
        "Дядя приедет ночным поездом.",
        "عمي سيأتي بالقطار الليلي",
    ]
    vectors = await embedder.embed_passages([*chinese, *others])
    told = languages.in_other_language(vectors, ENGLISH).tolist()
    assert told == [True] * len(chinese) + [False] * len(others)


def test_a_vector_that_is_missing_is_of_no_foreign_language():
    languages = languages_of(EmbeddingModel(*KEPT["model"].split(":")[:2], 384))
    missing = np.full((1, 384), np.nan, dtype=np.float32)
    assert not languages.in_other_language(missing, ENGLISH).any()
    assert not languages.in_other_language(missing, CHINESE).any()


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("谁请我喝了咖啡", CHINESE),
        ("Docker怎么部署FastAPI服务", CHINESE),
        ("What does 火锅 mean?", ENGLISH),
        ("休暇はどこで過ごしましたか", ENGLISH),
        ("Wo ist mein Fahrrad?", ENGLISH),
        ("?", ENGLISH),
    ],
)
def test_the_language_of_a_question_is_that_of_most_of_its_words(question, language):
    assert language_of(question) == language


def test_nothing_is_known_of_the_languages_of_other_models():
    assert languages_of(EmbeddingModel("openai", "text-embedding-3-small", 1536)) is None
