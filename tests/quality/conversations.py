"""Conversations with questions whose answers are known, written for these tests."""

import json
from datetime import datetime, timedelta
from pathlib import Path

DATA = Path(__file__).parent / "data"


class Conversation:
    """Sessions of turns and questions; `1:3` is the third turn of the first session."""

    def __init__(self, language):
        self.language = language
        self._data = json.loads((DATA / f"{language}.json").read_text(encoding="utf-8"))
        self._ids = {}

    @property
    def questions(self):
        return self._data["questions"]

    @property
    def questions_in_english(self):
        return self._data["questions_in_english"]

    async def keep_in(self, library, *, named):
        for number, session in enumerate(self._data["sessions"], start=1):
            start = datetime.fromisoformat(session["date"])
            turns = [
                {
                    "role": self._data["speakers"][speaker],
                    "name": speaker if named else None,
                    "content": content,
                    "created_at": start + timedelta(seconds=20 * place),
                }
                for place, (speaker, content) in enumerate(session["turns"])
            ]
            ids = await library.keep(*turns, session_id=f"{self.language} {number}")
            for place, memory_id in enumerate(ids, start=1):
                self._ids[memory_id] = f"{number}:{place}"

    async def recall(self, library, questions, k):
        """Give the mean share of answering turns among the first `k` hits, and what was missed."""
        shares, missed = [], []
        for question in questions:
            answer = await library.search(question["ask"], n=k)
            found = {self._ids.get(hit.memory.memory_id) for hit in answer.hits}
            wanted = set(question["turns"])
            shares.append(len(wanted & found) / len(wanted))
            if not wanted <= found:
                missed.append((question["ask"], sorted(wanted - found)))
        return sum(shares) / len(shares), missed
