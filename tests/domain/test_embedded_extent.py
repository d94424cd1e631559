from sage.domain.embedded_extent import LONG_CHARS, Extent, extent_of
from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from tests.support.each import each

_LONG = "x" * (LONG_CHARS + 1)


@each(
    ("extent", "length", "spans"),
    [
        (Extent.WHOLE, 90_000, [(0, 90_000)]),
        (Extent.ENDS, 8_000, [(0, 8_000)]),
        (Extent.ENDS, 90_000, [(0, 4_000), (86_000, 90_000)]),
        (Extent.BEGINNING, 90_000, [(0, 4_000)]),
        (Extent.END, 90_000, [(86_000, 90_000)]),
        (Extent.END, 10, [(0, 10)]),
        (Extent.NONE, 90_000, []),
    ],
)
def test_the_ends_of_a_long_text_are_embedded(extent, length, spans):
    assert extent.spans(length) == spans


@each(
    ("role", "message_class", "text", "about", "extent"),
    [
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG, {}, Extent.ENDS),
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG[1:], {}, Extent.WHOLE),
        (Role.USER, MessageClass.PASTED, _LONG, {}, Extent.ENDS),
        (Role.USER, MessageClass.STATEMENT, _LONG, {}, Extent.WHOLE),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": 1, "parts": 3}, Extent.BEGINNING),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": 2, "parts": 3}, Extent.NONE),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": 3, "parts": 3}, Extent.END),
        (Role.USER, MessageClass.STATEMENT, "x", {"part": "2", "parts": "3"}, Extent.WHOLE),
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG, {"source": "chatgpt"}, Extent.WHOLE),
        (Role.ASSISTANT, MessageClass.ANSWER, _LONG, {"source": None}, Extent.WHOLE),
    ],
)
def test_only_what_agents_answered_or_were_given_at_length_is_not_embedded_whole(
    role, message_class, text, about, extent
):
    assert extent_of(message_class, role, text, {"source": "codex", **about}) is extent
