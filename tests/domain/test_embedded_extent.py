from sage.domain.embedded_extent import LONG_CHARS, EmbeddedExtent, extent_of
from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from tests.support.each import each

_LONG = "x" * (LONG_CHARS + 1)


@each(
    ("extent", "length", "spans"),
    [
        (EmbeddedExtent.WHOLE, 90_000, [(0, 90_000)]),
        (EmbeddedExtent.ENDS, 8_000, [(0, 8_000)]),
        (EmbeddedExtent.ENDS, 90_000, [(0, 4_000), (86_000, 90_000)]),
        (EmbeddedExtent.BEGINNING, 90_000, [(0, 4_000)]),
        (EmbeddedExtent.END, 90_000, [(86_000, 90_000)]),
        (EmbeddedExtent.END, 10, [(0, 10)]),
        (EmbeddedExtent.NONE, 90_000, []),
    ],
)
def test_the_ends_of_a_long_text_are_embedded(extent, length, spans):
    assert extent.spans(length) == spans


@each(
    ("role", "message_class", "text", "about", "extent"),
    [
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG, {}, EmbeddedExtent.ENDS),
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG[1:], {}, EmbeddedExtent.WHOLE),
        (Role.USER, MessageClass.PASTED, _LONG, {}, EmbeddedExtent.ENDS),
        (Role.USER, MessageClass.STATEMENT, _LONG, {}, EmbeddedExtent.WHOLE),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": 1, "parts": 3}, EmbeddedExtent.BEGINNING),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": 2, "parts": 3}, EmbeddedExtent.NONE),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": 3, "parts": 3}, EmbeddedExtent.END),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": "2", "parts": "3"}, EmbeddedExtent.WHOLE),
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG, {"source": "chatgpt"}, EmbeddedExtent.WHOLE),
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG, {"source": None}, EmbeddedExtent.WHOLE),
    ],
)
def test_only_what_agents_answered_or_were_given_at_length_is_not_embedded_whole(
    role, message_class, text, about, extent
):
    assert extent_of(message_class, role, text, {"source": "codex", **about}) is extent
