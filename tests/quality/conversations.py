"""Keep the conversations that come with `sage bench` and ask their questions."""

from sage.cli.benchmark.conversations import own_sets

CROSS_LANGUAGE = "cross-language"


class Talk:
    """A conversation whose turns are kept one library at a time."""

    def __init__(self, language):
        sets = {one.name: one.conversations for one in own_sets()}
        (self._conversation,) = sets[language]
        self._labels = {}

    def questions(self, *, across):
        """Give the questions in another language than the conversation's, or all others."""
        asked = self._conversation.questions
        return [one for one in asked if (one.category == CROSS_LANGUAGE) == across]

    async def keep_in(self, library, *, named):
        kept = self._conversation if named else self._conversation.without_names()
        for number, session in enumerate(kept.sessions, start=1):
            turns = [
                {
                    "role": turn.message.role,
                    "name": turn.message.name,
                    "content": turn.message.content,
                    "created_at": turn.message.created_at,
                }
                for turn in session
            ]
            ids = await library.keep(*turns, session_id=f"{kept.name} {number}")
            self._labels.update(zip(ids, (turn.label for turn in session), strict=True))

    def evidence_for(self, question):
        """Give the ids of the memories that answer."""
        return [id_ for id_, label in self._labels.items() if label in question.evidence]

    async def recall(self, library, k, *, across=False):
        """Give the mean share of answering turns among the first `k` hits, and what was missed."""
        shares, missed = [], []
        for question in self.questions(across=across):
            answer = await library.search(question.text, n=k)
            found = {self._labels.get(hit.memory_id) for hit in answer.hits}
            shares.append(len(question.evidence & found) / len(question.evidence))
            if not question.evidence <= found:
                missed.append((question.text, sorted(question.evidence - found)))
        return sum(shares) / len(shares), missed
