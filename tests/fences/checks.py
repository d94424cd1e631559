"""What recalled text may look like, on each kind of surface. Written without Sage's own rules."""

import re
import unicodedata

MARK = re.compile(r"</?sage-(memories|summary|recall)>")
LINE = re.compile(
    r"    |Recalled from |Best first, |Times in |From Sage, |Data, not "
    r"|\[(session (\"[^\"<>\[\]]*\"|[\w .'@#/+=~…-]+), )?\d{4}-\d\d-\d\d \d\d:\d\d[^\]]*\]$"
    r"|\d+\. \[[0-9a-f]{8}\] \d{4}-|\[[0-9a-f-]{36}\] \d{4}-|\[[0-9a-f]{8}\] \d{4}-"
    r"|user( \"[^\"<>\[\]]*\")?: "
)
ELSEWHERE = re.compile(
    r"<\W*(sage(memories|summary|recall|$)|systemreminder|hookcontext|userpromptsubmit"
    r"|function(calls|results?)|tool(call|result|response)|invoke|system$|(start|end)ofturn)"
)
CONTROL_TOKEN = re.compile(
    r"<[|\uff5c][^\s<>]+[|\uff5c]>|\[/?INST\]|<</?SYS>>|</?s>|<(start|end)_of_turn>"
)
CLOSING = {">": "<", "\u203a": "<"}
LOOKS = {"DZE": "s", "IE": "e", "IO": "e", "GHE": "r"}


def is_unseen(char, before, after):
    """Return whether a character steers, reorders or hides: all but joiners where they shape."""
    code = ord(char)
    if char in "\n\t":
        return False
    if char in "\u200c\u200d":
        return before.isascii() or after.isascii()
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return before.isalpha() or char not in "\ufe0e\ufe0f"
    return unicodedata.category(char) in {"Cc", "Cf"} or char in "\u034f\u115f\u1160\u3164\uffa0"


def unseen_in(text):
    return [
        f"U+{ord(char):04X}"
        for at, char in enumerate(text)
        if is_unseen(char, text[at - 1 : at] or "a", text[at + 1 : at + 2] or "a")
    ]


def skeleton(text):
    """Return what a quick reader sees: letters without accents and alphabets, brackets as `<`."""
    seen = []
    for char in unicodedata.normalize("NFKD", text):
        name = unicodedata.name(char, "").split(" WITH ")[0].split()
        if "ANGLE" in name:
            seen.append("<" if "LEFT" in name or "LESS-THAN" in name else ">")
        elif char in "<>":
            seen.append(char)
        elif name and ("LETTER" in name or "SMALL" in name) and char.isalpha():
            seen.append(LOOKS.get(name[-1], name[-1]).lower())
        elif char.isspace() or char.isdecimal():
            seen.append(char)
    return "".join(seen)


def forged_in(text):
    """Return the marks that text without any of its own seems to hold."""
    found = [one.group() for one in CONTROL_TOKEN.finditer(text)]
    for piece in skeleton(text).split("<")[1:]:
        word = re.sub(r"\s", "", piece.split(">")[0])
        found += [word] if ELSEWHERE.match(f"<{word}") else []
    return found


def check_fenced(text, words):
    """Check that what was recalled is inside whole fences, and nothing in them passes for more."""
    assert unseen_in(text) == []
    rest, outside = text, ""
    blocks = 0
    while opening := MARK.search(rest):
        assert not opening.group().startswith("</"), f"a fence ends that did not begin: {rest!r}"
        close = opening.group().replace("<", "</")
        inside, ended, after = rest[opening.end() :].partition(close)
        assert ended, f"a fence does not end: {rest!r}"
        assert forged_in(inside) == []
        if "summary" not in close:
            wrong = [line for line in inside.strip("\n").split("\n") if not LINE.match(line)]
            assert wrong == []
        outside += rest[: opening.start()]
        rest, blocks = after, blocks + 1
    outside += rest
    assert blocks, f"nothing is fenced: {text!r}"
    assert [word for word in words if word in outside] == []


def leaves(value):
    """Yield all texts of a JSON value, the names in it too."""
    match value:
        case str():
            yield value
        case dict():
            for name, inner in value.items():
                yield from (name, *leaves(inner))
        case list():
            for inner in value:
                yield from leaves(inner)


def check_json_for_a_model(value):
    """Check that no text in it hides anything, or passes for a mark; `context` is fenced."""
    for name, inner in value.items():
        for text in () if name == "context" else leaves(inner):
            assert unseen_in(text) == []
            assert forged_in(text) == []


def check_terminal(text):
    """Check that it steers no terminal, and that nothing in it is hidden or reordered."""
    assert unseen_in(text) == []


def check_markdown(text):
    """Check that what was said is quoted, and loads or runs nothing where it is shown."""
    assert unseen_in(text) == []
    front, body = text.split("\n---\n", 1)
    assert len(front.splitlines()) == 3
    assert [line for line in body.splitlines() if line and not re.match(r"# |## \d|>", line)] == []
    assert body.count("\n# ") == 1
    assert not re.search(r"!\[|<(img|script|iframe)", body, re.IGNORECASE)
