"""Texts are split into the tokens that vectors kept long ago were made of."""

import hashlib
import unicodedata

from sentencepiece import SentencePieceProcessor

from sage.cli.benchmark.conversations import own_sets
from sage.providers.e5.files import model_files
from sage.providers.e5.made_files import TOKENIZER

KNOWN = "517eb35d30dc8df1c0faa3d595b5c58eb8df67b983d191836a0ff11a11f9b31a"


def test_conversations_in_three_languages_have_the_tokens_they_always_had():
    """Composed and decomposed; and many words at once, where rounding decides between pieces."""
    tokenizer = SentencePieceProcessor(model_file=str(model_files() / TOKENIZER))
    texts = [
        unicodedata.normalize(form, turn.message.content)
        for one in own_sets()
        for talk in one.conversations
        for session in talk.sessions
        for turn in session
        for form in ("NFC", "NFD")
    ]
    digest = hashlib.sha256()
    for text in [*texts, " ".join(texts)[:4_000]]:
        digest.update(repr(tokenizer.encode(text)).encode())
    assert len(texts) > 300
    assert digest.hexdigest() == KNOWN
