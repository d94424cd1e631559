"""What a session begins with is found without looking at more than is told."""

from datetime import timedelta

from sage.domain.recall import RecallRequest
from sage.retrieval.preferences.decisions import replaces
from sage.service import session_start
from sage.service.session_start import SessionStart
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import START, Library


async def test_decisions_are_compared_until_there_are_enough_to_tell(database, monkeypatch):
    compared = []

    def counted(newer, older):
        compared.append(newer)
        return replaces(newer, older)

    monkeypatch.setattr(session_start, "replaces", counted)
    library = await Library(database, BagOfWordsEmbedder()).open()
    kept = [f"We decided to keep pelican {number} on port {number}." for number in range(60)]
    replaced, last = "We decided to use teal.", "We decided to use heron instead of teal."
    await library.keep(*kept, replaced, last, metadata={"project": "birds"}, embedded=False)
    for session, days in (("later", 1), ("latest", 2)):
        said = {"content": "It is late.", "created_at": START + timedelta(days=days)}
        await library.keep(said, session_id=session, metadata={"project": "birds"}, embedded=False)
    pieces = await SessionStart(database, apart=True).pieces(RecallRequest(["other"], "birds"))
    told = [one.memory.content for one in pieces if one.label == "decision"]
    assert told == [*kept[-4:], last]
    assert 5 <= len(compared) <= 20


async def test_a_wish_is_told_after_hundreds_of_messages_with_words_of_wishes(database):
    library = await Library(database, BagOfWordsEmbedder()).open()
    wish = "I prefer short answers."
    said = [f"The customer {number} wrote a short answer." for number in range(400)]
    for session, texts in (("first", [wish]), ("second", said[:200]), ("third", said[200:])):
        await library.keep(
            *texts, session_id=session, metadata={"project": "birds"}, embedded=False
        )
    for project in ("birds", "trees"):
        start = SessionStart(database, apart=False)
        pieces = await start.pieces(RecallRequest(["other"], project))
        assert wish in [one.memory.content for one in pieces if one.label == "preference"]
