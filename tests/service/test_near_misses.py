"""A query that equals a fact but for one number, name or "not" brings the fact."""

from itertools import chain
from pathlib import Path
from uuid import uuid4

from sage.domain.memories import Message, SaveRequest
from sage.domain.searching import SearchRequest

CASES = [
    line.split(" | ")
    for line in Path(__file__).with_name("near_misses.txt").read_text(encoding="utf-8").splitlines()
]
"""Facts and what is asked, in English, Chinese, German, French, Spanish and Japanese."""


async def test_a_fact_is_shown_to_who_asks_with_another_number_name_or_not(rig):
    async def say(*said):
        messages = tuple(Message.validate(role, text) for role, text in said)
        await rig.memory.save(SaveRequest(messages, session_id=uuid4().hex))

    asked = {fact: query.rstrip(".。") + "?" for fact, query in CASES}
    await say(*(("user", fact) for fact in asked))
    in_vain = ((("user", query), ("assistant", "I do not know.")) for query in asked.values())
    await say(*chain.from_iterable(in_vain))
    await rig.index()
    for fact, query in asked.items():
        found = (await rig.memory.search(SearchRequest(query, n=5))).results
        assert fact in {hit.content for hit in found}, query
