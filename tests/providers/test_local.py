import asyncio
import subprocess
import sys
import threading
import unicodedata

import numpy as np
import pytest
from sentencepiece import SentencePieceProcessor

from sage.errors import ProviderRejectedError, ProviderUnavailableError
from sage.providers.e5.files import model_files
from sage.providers.e5.made_files import TOKENIZER
from sage.providers.local import LocalEmbedder


def output_of(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
async def embedder():
    embedder = LocalEmbedder()
    await embedder.start()
    yield embedder
    await embedder.close()


async def test_the_model_is_known_before_it_is_loaded_and_ready_only_afterwards():
    embedder = LocalEmbedder()
    assert embedder.model.dimensions == 384
    assert not embedder.ready
    await embedder.start()
    await embedder.embed_query("a call waits until the model is there")
    assert embedder.ready
    await embedder.close()


async def test_vectors_are_unit_vectors_of_the_model(embedder):
    question = await embedder.embed_query("where does the heron nest?")
    passages = await embedder.embed_passages(["by the mill", "在磨坊旁边"])
    assert question.shape == (384,)
    assert passages.shape == (2, 384)
    assert question.dtype == passages.dtype == np.float32
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-3)


async def test_no_texts_give_no_vectors(embedder):
    assert (await embedder.embed_passages([])).shape == (0, 384)


async def test_a_text_has_the_same_vector_in_any_batch(embedder):
    texts = [f"heron number {number} " + "nests by the mill " * (number % 7) for number in range(9)]
    together = await embedder.embed_passages(texts)
    alone = np.concatenate([await embedder.embed_passages([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


async def test_calls_from_many_tasks_do_not_disturb_each_other(embedder):
    texts = [f"heron number {number}" for number in range(8)]
    expected = [await embedder.embed_query(text) for text in texts]
    found = await asyncio.gather(
        *(embedder.embed_query(text) for text in texts), embedder.embed_passages(texts * 3)
    )
    assert np.array(found[:-1]) == pytest.approx(np.array(expected), abs=1e-5)


@pytest.mark.parametrize(
    ("question", "answer", "others"),
    [
        ("我的宠物叫什么名字", "我家的猫叫团子", ["明天要下大雨", "股票又跌了", "他在学弹钢琴"]),
        ("what is my cat called", "我家的猫叫团子", ["明天要下大雨", "股票又跌了", "他在学弹钢琴"]),
        ("我什么时候搬家", "we are moving house in June", ["the soup is cold", "buy new shoes"]),
    ],
    ids=["Chinese paraphrase", "English to Chinese", "Chinese to English"],
)
async def test_meaning_is_found_across_words_and_languages(embedder, question, answer, others):
    similarities = await embedder.embed_passages([answer, *others]) @ await embedder.embed_query(
        question
    )
    assert similarities.argmax() == 0


async def test_a_question_does_not_queue_behind_passages(embedder):
    batch = asyncio.create_task(embedder.embed_passages(["a passage of some length " * 15] * 60))
    await asyncio.sleep(0)
    await embedder.embed_query("a question")
    assert not batch.done()
    batch.cancel()


async def test_a_model_that_cannot_be_loaded_refuses_every_call():
    def load():
        raise ProviderRejectedError("the model is damaged", hint="reinstall it")

    embedder = LocalEmbedder(load)
    await embedder.start()
    for call in (embedder.embed_query("text"), embedder.embed_passages(["text"])):
        with pytest.raises(ProviderRejectedError, match="damaged"):
            await call
    assert not embedder.ready
    assert embedder.last_error == "the model is damaged"
    await embedder.close()


async def test_a_call_waits_for_a_slow_load_but_not_for_ever():
    may_end = threading.Event()
    embedder = LocalEmbedder(may_end.wait, load_wait_s=0.05)
    await embedder.start()
    assert not embedder.ready
    with pytest.raises(ProviderUnavailableError, match="still loading"):
        await embedder.embed_query("text")
    may_end.set()
    await embedder.close()


async def test_a_model_that_is_being_loaded_does_not_delay_the_end():
    may_end = threading.Event()
    embedder = LocalEmbedder(may_end.wait)
    await embedder.start()
    try:
        async with asyncio.timeout(30):
            await embedder.close()
    finally:
        may_end.set()


async def test_before_start_and_after_close_calls_raise(embedder):
    with pytest.raises(ProviderUnavailableError, match="not started"):
        await LocalEmbedder().embed_query("text")
    await embedder.embed_query("text")
    await embedder.close()
    with pytest.raises(ProviderUnavailableError, match="closed"):
        await embedder.embed_query("text")


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0x4E00 + place * 37 % 20_000) for place in range(480)),
        "".join(chr(0x61 + place * 7 % 26) for place in range(480)),
        "".join(chr(0x21 + place * 5 % 90) for place in range(480)),
        "".join(chr(0xAC00 + place * 41 % 11_000) for place in range(480)),
        "🍕🚲" * 240,
        "0123456789" * 48,
    ],
    ids=["rare Han", "letters", "signs", "Hangul", "emoji", "digits"],
)
def test_a_chunk_of_the_maximum_length_fits_the_context_of_the_model(text):
    assert len(text) == LocalEmbedder().max_chars
    tokenizer = SentencePieceProcessor(model_file=str(model_files() / TOKENIZER))
    assert len(tokenizer.encode(f"passage: {text}")) <= 510


async def test_a_long_question_is_truncated_to_the_context(embedder):
    asked = "Where does the heron nest? " * 40
    whole, window = await embedder.embed_query(asked), await embedder.embed_query(asked[:480])
    assert whole == pytest.approx(window, abs=1e-6)


async def test_what_is_longer_than_it_looks_costs_no_more_than_the_window(embedder):
    asked = "\ufdfa" * 480
    window = unicodedata.normalize("NFKC", asked)[:480]
    whole = await embedder.embed_query(asked)
    assert whole == pytest.approx(await embedder.embed_query(window), abs=1e-6)
    (passage,) = await embedder.embed_passages([asked])
    assert passage == pytest.approx((await embedder.embed_passages([window]))[0], abs=1e-6)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows priorities of single threads")
@pytest.mark.parametrize("given", [0, 10])
def test_passages_run_at_a_lower_priority_and_never_raise_it(given):
    """Only root may raise it: for other users the threads would not start."""
    code = f"""
import asyncio, os, threading
from sage.providers.local import LocalEmbedder

async def main():
    embedder = LocalEmbedder()
    await embedder.start()
    await embedder.embed_passages(["heron"])
    threads = [one for one in threading.enumerate() if one.name.startswith("sage-embed-passage")]
    print(*{{os.getpriority(os.PRIO_PROCESS, one.native_id) for one in threads}})

print(os.nice({given}))
asyncio.run(main())
"""
    own, *of_threads = map(int, output_of(code).split())
    assert of_threads == [max(own, 5)]


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has arenas, and tells of them")
def test_threads_share_one_arena_of_memory():
    code = """
import asyncio, ctypes
from sage.providers.local import LocalEmbedder

async def main():
    embedder = LocalEmbedder()
    await embedder.start()
    await asyncio.gather(*(embedder.embed_query(f"heron {number}") for number in range(8)))
    await embedder.embed_passages(["heron"] * 8)

asyncio.run(main())
glibc = ctypes.CDLL(None)
glibc.fopen.restype = ctypes.c_void_p
output = ctypes.c_void_p(glibc.fopen(b"/dev/stdout", b"w"))
glibc.malloc_info(0, output)
glibc.fclose(output)
"""
    assert output_of(code).count("<heap nr=") == 1


def test_nothing_is_written_down_about_this_machine_to_be_sent_anywhere(tmp_path, monkeypatch):
    """onnxruntime 1.32 keeps an id and events in the home directory, and sends them."""
    for variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    embed = "from sage.providers.e5.engine import E5; E5(model_files()).query('a heron')"
    output_of(f"from sage.providers.e5.files import model_files; {embed}")
    assert list(tmp_path.iterdir()) == []
