"""Templates of what generated people and agents say, in English and Chinese."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.echoes.facts import PHRASES

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

WORDS: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("words.json").read_text(encoding="utf-8")
)
_NAMES = """
    Abena Anselm Beatriz Bogdan Chidi Dagny Edurne Fatima Gideon Hanneke Ilse Joaquin Katarzyna
    Leopold Marisol Nikolai Oyelaran Pernille Rashida Soren Takumi Ulrike Viktor Wenceslas Ximena
    Yevgenia Zacharias Adwoa Birgitta Casimir Dominika Eszter Florian Grethe Hyacinth Ignacio
""".split()  # noqa: SIM905 - a list of words reads best as words
_SURNAMES = """
    Adler Bauer Castell Drummond Eklund Faber Garnier Hobbs Ivarsson Jansen Kovacs Lindgren Moreau
    Novak Okafor Petrov Quist Rossi Sandoval Thorne Ueda Vasquez Winther Yilmaz
""".split()  # noqa: SIM905 - a list of words reads best as words
_MADE_OF = """
    amber birch cedar delta ember flint grove heath iris juniper kelp larch maple north ochre pine
    quartz reed slate thorn umber vale willow yarrow zinc coral dune fern gull harbor
""".split()  # noqa: SIM905 - a list of words reads best as words
_BIRDS = """
    avocet bittern curlew dipper egret fulmar godwit hoopoe ibis jacana knot lapwing martin nuthatch
    osprey plover quail ruff siskin teal veery wryneck
""".split()  # noqa: SIM905 - a list of words reads best as words
_FORMS = {
    "port": "{port}",
    "logs": "/srv/{word}/{bird}",
    "retention": "{few}",
    "flag": "{word}-{bird}-on",
    "owner": "{name} {surname}",
    "table": "{word}_{bird}_{few}",
    "rate": "{many}",
    "branch": "{word}/{bird}-{few}",
    "dashboard": "{board}{few}",
    "hour": "{hour}:{minute:02}:{second:02}",
    "queue": "q.{word}.{bird}",
    "version": "{hour}.{minute}.{second}",
}
ATTRIBUTES: Sequence[str] = tuple(WORDS["attributes"])


@dataclass(frozen=True, slots=True)
class Thing:
    """A component of a project, with its names by language."""

    key: str
    names: Mapping[str, str]


@dataclass(slots=True)
class Values:
    """A generator of unique values of facts."""

    draw: random.Random
    _used: set[str] = field(default_factory=set)

    def new(self, attribute: str) -> str:
        """Return a value for an attribute that no other fact has."""
        while (value := self._generated(attribute)) in self._used:
            pass
        self._used.add(value)
        return value

    def _generated(self, attribute: str) -> str:
        draw = self.draw
        return _FORMS[attribute].format(
            word=(word := draw.choice(_MADE_OF)),
            bird=(bird := draw.choice(_BIRDS)),
            name=draw.choice(_NAMES),
            surname=draw.choice(_SURNAMES),
            port=draw.randrange(3_000, 9_999),
            few=draw.randrange(101, 990),
            many=draw.randrange(10_000, 99_999),
            hour=draw.randrange(1, 6),
            minute=draw.randrange(60),
            second=draw.randrange(60),
            board=f"{word}{bird}".title(),
        )


@dataclass(frozen=True, slots=True)
class Speech:
    """A generator of texts in one language; `draw` selects templates and words."""

    language: str
    draw: random.Random

    def say(self, kind: str, thing: Thing, **more: str) -> str:
        """Return a text of a kind about a component."""
        return self._filled(self.draw.choice(WORDS[self.language][kind]), thing, **more)

    def of_fact(self, kind: str, attribute: str, thing: Thing, value: str = "") -> str:
        """Return a text that states, asks for, changes or needs (for a task) a fact."""
        forms = WORDS["attributes"][attribute][self.language][kind]
        return self._filled(self.draw.choice(forms), thing, v=value)

    def questions(self, attribute: str, thing: Thing) -> list[str]:
        """Return all wordings of the question for a fact."""
        forms = WORDS["attributes"][attribute][self.language]["asked"]
        return [self._filled(form, thing) for form in forms]

    def phrase(self, kind: str, value: str = "", wrong: str = "", fact: str = "") -> str:
        """Return a phrase that fits any fact, such as an acknowledgement or a non-answer."""
        form = self.draw.choice(PHRASES[self.language][kind])
        return form.format(v=value, V=value, w=wrong, W=wrong, fact=fact)

    def word(self, kind: str) -> str:
        """Return a random word of a kind."""
        return self.pick(self.draw.choice(WORDS[kind]))

    def pick(self, both: str) -> str:
        """Return the part of `English|Chinese` in this language."""
        english, _, chinese = both.partition("|")
        return chinese if self.language == "zh" else english

    def remark(self, thing: Thing) -> str:
        """Return a remark of an agent between two tool calls."""
        return self.say("remarks", thing)

    def _filled(self, form: str, thing: Thing, **more: str) -> str:
        name = thing.names[self.language]
        return form.format(
            c=name,
            C=name[:1].upper() + name[1:],
            c_bare=name.removeprefix("the "),
            file=self.draw.choice(WORDS["files"]),
            n=self.draw.randrange(2, 90),
            **more,
        )


def things_of(project: str) -> list[Thing]:
    """Return the components of a project."""
    pairs = (one.partition("|") for one in WORDS["components"][project])
    return [
        Thing(f"{project}.{number}", {"en": english, "zh": chinese})
        for number, (english, _, chinese) in enumerate(pairs)
    ]
