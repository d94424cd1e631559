"""Generated memories are the same every time and never repeat."""

from benchmarks import corpus
from benchmarks.seeding import SyntheticEmbedder
from tests.support.embedders import BagOfWordsEmbedder

MANY = range(3_000)


def test_no_memory_and_no_question_is_generated_twice():
    assert len({corpus.memory(number).content for number in MANY}) == len(MANY)
    assert len({corpus.question(number) for number in MANY}) == len(MANY)


def test_the_same_number_gives_the_same_memory():
    assert corpus.memory(7) == corpus.memory(7)
    assert corpus.question(7) == corpus.question(7)


async def test_memories_about_the_same_things_have_vectors_near_each_other():
    synthetic = await SyntheticEmbedder.of(BagOfWordsEmbedder())
    one, same, other = synthetic.vectors_of(
        ["Ada sold a kettle", "Ada sold the kettle", "小林修好了背包"]
    )
    assert one @ same > one @ other + 0.3


async def test_the_same_text_has_the_same_vector():
    synthetic = await SyntheticEmbedder.of(BagOfWordsEmbedder())
    one, again, other = synthetic.vectors_of(["Ada sold a kettle"] * 2 + ["Ada sold a kettle "])
    assert (one == again).all()
    assert (one != other).any()
