"""Generate weeks of work: tasks, facts, repeated questions, corrections, and turns taken back."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.agents.speech import ATTRIBUTES, WORDS, Speech, Thing, Values, things_of
from sage.cli.benchmark.agents.logs import generated_log
from sage.cli.benchmark.agents.story import (
    Begins,
    Story,
    StoryKind,
    StoryLine,
    StorySession,
    StoryTurn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = {"maya": "en", "jonas": "en", "linyue": "zh", "chenhao": "zh"}
_WORKS_ON = {
    "maya": ("kestrel", "marmot"),
    "jonas": ("kestrel", "tundra"),
    "linyue": ("lotus", "tundra"),
    "chenhao": ("lotus", "marmot"),
}
_CLIENTS = ("claude-code", "claude-code", "codex", "gemini-cli")
"""Half of the sessions are of the first client."""
_BEGAN_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
_DAYS = 5
_SESSIONS_A_DAY = (2, 3, 3, 4)
_BETWEEN_SESSIONS = timedelta(minutes=41)
_PREFERENCES_A_DAY = 2
_TASK_REMARKS = (11, 23)
_OTHER_REMARKS = (3, 12)
_LOG_LINES = (150, 1_200)
_KINDS = {
    "fact": 0.28,
    "ask": 0.34,
    "unanswerable": 0.05,
    "moved": 0.06,
    "decision": 0.08,
    "task": 0.1,
    "talk": 0.09,
}
_MORE_TURNS = (1, 2, 2, 3, 3)
_RESUMED, _FORKED, _TAKEN_BACK, _LOGS, _NEEDS, _OPEN, _FINISHED = (
    *(0.08, 0.08, 0.08, 0.04, 0.25, 0.2, 0.5),
)
_OWN_LANGUAGE = 0.85
_SAME_WORDS = 0.5
_REPLIES = ("right", "right", "right", "none", "none", "corrected")


@dataclass(slots=True)
class _Fact:
    key: str
    attribute: str
    thing: Thing
    value: str
    language: str
    session: str


@dataclass(slots=True)
class _Project:
    """The state of a project; `left_open` is the component and what its last task left undone."""

    things: list[Thing]
    facts: list[_Fact] = field(default_factory=list)
    left_open: tuple[Thing, str] | None = None
    asked: set[str] = field(default_factory=set)


def generated_story(weeks: int, language: str = "both", seed: int = 22) -> Story:
    """Return weeks of the people who speak a language, or of all: the same for the same seed."""
    people = {name: one for name, one in PEOPLE.items() if language in {"both", one}}
    return _Generator(people, seed).story(f"made up, {language}", weeks)


class _Generator:
    """A generator of sessions in chronological order."""

    def __init__(self, people: dict[str, str], seed: int) -> None:
        self._people = people
        self._draw = random.Random(seed)  # noqa: S311 - the same weeks every time
        self._values = Values(self._draw)
        self._speech = {one: Speech(one, self._draw) for one in set(people.values())}
        self._projects = {name: _Project(things_of(name)) for name in WORDS["components"]}
        self._latest: dict[tuple[str, str, str], StorySession] = {}
        self._preferences = {
            name: list(WORDS[one]["preferences"][[*people].index(name) % 2])
            for name, one in people.items()
        }
        self._name = ""

    def story(self, name: str, weeks: int) -> Story:
        sessions: list[StorySession] = []
        for day in range(weeks * _DAYS):
            began_at = _BEGAN_AT + timedelta(days=day + 2 * (day // _DAYS))
            people = [
                one for one in self._people for _ in range(self._draw.choice(_SESSIONS_A_DAY))
            ]
            self._draw.shuffle(people)
            for number, person in enumerate(people):
                at = began_at + number * _BETWEEN_SESSIONS
                sessions.append(self._session(f"{name} {len(sessions)}", day, at, person))
        return Story(name, self._people, tuple(sessions))

    def _session(self, name: str, day: int, began_at: datetime, person: str) -> StorySession:
        self._name = name
        client = self._draw.choice(_CLIENTS)
        project = self._draw.choice(_WORKS_ON[person])
        begun = StorySession(name, 1 + day // _DAYS, began_at, person, client, project, ())
        begun = self._continued(begun)
        speech = self._speech[self._people[person]]
        turns = [*self._task(speech, self._projects[project], client)]
        for _ in range(self._draw.choice(_MORE_TURNS)):
            turns += self._more(speech, self._projects[project], client)
        if self._preferences[person] and day < _PREFERENCES_A_DAY:
            turns.append(self._preference(speech, self._preferences[person].pop(0)))
        session = replace(begun, turns=tuple(turns))
        self._latest[person, client, project] = session
        return session

    def _continued(self, begun: StorySession) -> StorySession:
        """Return the session as new, or resuming or forking the last one of the same kind."""
        last = self._latest.get((begun.person, begun.client, begun.project))
        chance = self._draw.random()
        if last is None or chance >= _RESUMED + _FORKED:
            return begun
        if chance < _RESUMED:
            return replace(begun, begins=Begins.RESUMED, origin=last.name)
        if begun.client == "claude-code":
            return replace(begun, begins=Begins.FORKED, origin=last.name)
        return begun

    def _task(self, speech: Speech, project: _Project, client: str) -> Iterator[StoryTurn]:
        """Yield a task with its findings, sometimes after one that is taken back."""
        if client == "claude-code" and self._draw.random() < _TAKEN_BACK:
            wrong = self._draw.choice(project.things)
            yield replace(self._trouble(speech, wrong, project), taken_back=True)
            project.left_open = None
        chance = self._draw.random()
        if project.left_open and chance < _FINISHED:
            yield self._finish(speech, project, *project.left_open)
            return
        thing = self._draw.choice(project.things)
        if self._draw.random() < _LOGS:
            yield self._log(speech, thing)
        elif self._draw.random() < _NEEDS and (known := self._known(speech, project)):
            ask = speech.of_fact("needs", known.attribute, known.thing)
            found = speech.say("needs_found", known.thing)
            turn = self._turn(speech, known.thing, StoryKind.TASK, ask, StoryKind.FOUND, found)
            yield replace(turn, needs=(known.key,))
        elif self._draw.random() < 1 / 2:
            yield self._trouble(speech, thing, project)
        else:
            yield self._feature(speech, thing, project)

    def _more(self, speech: Speech, project: _Project, client: str) -> Iterator[StoryTurn]:
        """Yield further turns of a session."""
        kind = self._draw.choices([*_KINDS], [*_KINDS.values()])[0]
        known = self._known(speech, project)
        thing = self._draw.choice(project.things)
        match kind:
            case "task":
                yield from self._task(speech, project, client)
            case "ask" if known:
                yield from self._asked(speech, project, known)
            case "unanswerable":
                yield self._unanswerable(speech, project, thing)
            case "moved" if known:
                yield self._moved(speech, project, known)
            case "decision":
                yield self._decision(speech, thing)
            case "talk":
                said, done = speech.say("talk", thing), speech.say("talk_found", thing)
                yield self._turn(
                    speech, thing, StoryKind.TALK, said, StoryKind.ACKNOWLEDGEMENT, done
                )
            case _:
                yield from self._told(speech, project, client)

    def _known(self, speech: Speech, project: _Project) -> _Fact | None:
        """Choose a fact stated in an earlier session, mostly in the same language."""
        facts = [one for one in project.facts if one.session != self._name]
        own = [one for one in facts if one.language == speech.language]
        among = own if own and self._draw.random() < _OWN_LANGUAGE else facts
        return self._draw.choice(among) if among else None

    def _told(self, speech: Speech, project: _Project, client: str) -> Iterator[StoryTurn]:
        known = {one.key for one in project.facts} | project.asked
        new = [
            (thing, attribute)
            for thing in project.things
            for attribute in ATTRIBUTES
            if f"{thing.key}.{attribute}" not in known
        ]
        if not new:
            return
        thing, attribute = self._draw.choice(new)
        fact = _Fact(
            f"{thing.key}.{attribute}",
            attribute,
            thing,
            self._values.new(attribute),
            speech.language,
            self._name,
        )
        if client == "claude-code" and self._draw.random() < _TAKEN_BACK:
            wrong = replace(fact, value=self._values.new(attribute))
            yield replace(self._telling(speech, wrong, "told"), taken_back=True)
        project.facts.append(fact)
        yield self._telling(speech, fact, "told")

    def _moved(self, speech: Speech, project: _Project, known: _Fact) -> StoryTurn:
        place = project.facts.index(known)
        value = self._values.new(known.attribute)
        changed = replace(known, value=value, language=speech.language, session=self._name)
        project.facts[place] = changed
        return self._telling(speech, changed, "moved")

    def _telling(self, speech: Speech, fact: _Fact, kind: str) -> StoryTurn:
        text = speech.of_fact(kind, fact.attribute, fact.thing, fact.value)
        noted = speech.phrase("acknowledgements")
        turn = self._turn(
            speech, fact.thing, StoryKind.FACT, text, StoryKind.ACKNOWLEDGEMENT, noted
        )
        facts = ((fact.key, fact.value),)
        return replace(turn, prompt=replace(turn.prompt, facts=facts))

    def _asked(self, speech: Speech, project: _Project, fact: _Fact) -> Iterator[StoryTurn]:
        """Yield a question, half of the time in a wording used before, and its answer."""
        ways = speech.questions(fact.attribute, fact.thing)
        before = [one for one in ways if one in project.asked]
        again = before and self._draw.random() < _SAME_WORDS
        question = self._draw.choice(before if again else ways)
        project.asked.add(question)
        reply = self._draw.choice(_REPLIES)
        kind, text, tells = StoryKind.NON_ANSWER, speech.phrase("non_answers"), ""
        wrong = self._values.new(fact.attribute)
        restated = speech.of_fact("told", fact.attribute, fact.thing, fact.value)
        if reply == "right":
            kind, tells = StoryKind.ANSWER, fact.value
            text = speech.phrase("answers", fact.value, fact=restated)
        elif reply == "corrected":
            kind, tells = StoryKind.WRONG, wrong
            text = speech.phrase("wrong", fact.value, wrong)
        turn = self._turn(speech, fact.thing, StoryKind.QUESTION, question, kind, text)
        answer = StoryLine(kind, text, turn.prompt.about, ((fact.key, tells),) if tells else ())
        yield replace(turn, answer=answer, needs=(fact.key,))
        if reply == "corrected":
            said = speech.phrase("corrections", fact.value, wrong, restated)
            noted = speech.phrase("acknowledgements")
            right = self._turn(
                speech, fact.thing, StoryKind.FACT, said, StoryKind.ACKNOWLEDGEMENT, noted
            )
            facts = ((fact.key, fact.value),)
            yield replace(right, prompt=replace(right.prompt, facts=facts), remarks=())

    def _unanswerable(self, speech: Speech, project: _Project, thing: Thing) -> StoryTurn:
        """Return a question about a fact that is never stated."""
        known = {one.key for one in project.facts}
        unknown = [one for one in ATTRIBUTES if f"{thing.key}.{one}" not in known]
        attribute = self._draw.choice(unknown or ATTRIBUTES[:1])
        project.asked.add(f"{thing.key}.{attribute}")
        question = self._draw.choice(speech.questions(attribute, thing))
        no = speech.phrase("non_answers")
        return self._turn(speech, thing, StoryKind.QUESTION, question, StoryKind.NON_ANSWER, no)

    def _trouble(self, speech: Speech, thing: Thing, project: _Project) -> StoryTurn:
        trouble, cause = map(speech.pick, self._draw.choice(WORDS["troubles"]))
        ask = speech.say("trouble", thing, x=trouble)
        found = speech.say("trouble_found", thing, x=trouble, y=cause)
        return self._work(speech, thing, project, ask, found)

    def _feature(self, speech: Speech, thing: Thing, project: _Project) -> StoryTurn:
        feature = speech.word("features")
        ask = speech.say("feature", thing, x=feature)
        return self._work(
            speech, thing, project, ask, speech.say("feature_found", thing, x=feature)
        )

    def _work(
        self, speech: Speech, thing: Thing, project: _Project, ask: str, found: str
    ) -> StoryTurn:
        """Return a completed task, sometimes with a part left open."""
        turn = self._turn(speech, thing, StoryKind.TASK, ask, StoryKind.FOUND, found)
        project.left_open = None
        if self._draw.random() >= _OPEN:
            return turn
        rest = speech.word("opens")
        project.left_open = (thing, rest)
        text = found + speech.say("open", thing, x=rest)
        return replace(
            turn, answer=StoryLine(StoryKind.FOUND, text, turn.prompt.about, leaves_open=rest)
        )

    def _finish(self, speech: Speech, project: _Project, thing: Thing, rest: str) -> StoryTurn:
        project.left_open = None
        ask, found = speech.say("finish", thing, x=rest), speech.say("finish_found", thing)
        return self._turn(speech, thing, StoryKind.TASK, ask, StoryKind.FOUND, found)

    def _log(self, speech: Speech, thing: Thing) -> StoryTurn:
        lines = self._draw.randrange(*_LOG_LINES)
        ask = speech.say("log", thing, log=generated_log(thing.key.replace(".", "-"), lines))
        found = speech.say("log_found", thing)
        return self._turn(speech, thing, StoryKind.TASK, ask, StoryKind.FOUND, found)

    def _decision(self, speech: Speech, thing: Thing) -> StoryTurn:
        chosen, refused = map(speech.pick, self._draw.choice(WORDS["choices"]))
        said = speech.say("decision", thing, x=chosen, y=refused, z=speech.word("reasons"))
        noted = speech.phrase("acknowledgements")
        return self._turn(speech, thing, StoryKind.DECISION, said, StoryKind.ACKNOWLEDGEMENT, noted)

    def _preference(self, speech: Speech, said: str) -> StoryTurn:
        noted = StoryLine(StoryKind.ACKNOWLEDGEMENT, speech.phrase("acknowledgements"))
        return StoryTurn(StoryLine(StoryKind.PREFERENCE, said), (), noted)

    def _turn(  # noqa: PLR0913, PLR0917 - two messages, each with its kind
        self,
        speech: Speech,
        thing: Thing,
        asks: StoryKind,
        prompt: str,
        answers: StoryKind,
        answer: str,
    ) -> StoryTurn:
        about = frozenset({thing.key})
        fewest, most = _TASK_REMARKS if asks is StoryKind.TASK else _OTHER_REMARKS
        remarks = [speech.remark(thing) for _ in range(self._draw.randrange(fewest, most))]
        return StoryTurn(
            StoryLine(asks, prompt, about), tuple(remarks), StoryLine(answers, answer, about)
        )
