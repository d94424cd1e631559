"""Weeks of work that a program makes up: the same each time, and of what real weeks are made."""

from benchmarks.agents.weeks import PEOPLE, made_up_story
from sage.cli.benchmark.agents.measure import play
from sage.cli.benchmark.agents.memory import NOTHING, Handed, RecalledPart
from sage.cli.benchmark.agents.story import Begins, StoryKind
from sage.cli.benchmark.agents.transcripts import CLIENTS
from sage.cli.benchmark.agents.truth import Truth, names


def lines_of(story):
    return [line for session in story.sessions for turn in session.turns for line in turn.lines()]


def test_twelve_weeks_hold_what_real_ones_do():
    story = made_up_story(12)
    assert story.messages() >= 20_000
    assert 0.78 <= story.remarks() / story.messages() <= 0.88
    assert story.people == PEOPLE
    assert len({session.project for session in story.sessions}) == 4
    assert {session.client for session in story.sessions} == set(CLIENTS)
    assert {session.begins for session in story.sessions} == set(Begins)
    assert {line.kind for line in lines_of(story)} == set(StoryKind)
    turns = [turn for session in story.sessions for turn in session.turns]
    assert sum(turn.taken_back for turn in turns) > 20
    assert sum(len(line.text) > 8_000 for line in lines_of(story)) > 10
    for week in (1, 4, 12):
        asked = [one.turns for one in story.sessions if one.week == week]
        assert sum(bool(turn.wants) for turns in asked for turn in turns) >= 40


def test_the_same_seed_makes_the_same_weeks_and_later_ones_change_no_earlier():
    assert made_up_story(2, "en", seed=1) == made_up_story(2, "en", seed=1)
    assert made_up_story(2, "en", seed=1) != made_up_story(2, "en", seed=2)
    assert made_up_story(3, seed=5).until(2).sessions == made_up_story(2, seed=5).sessions


def test_only_those_who_speak_a_language_work_where_it_is_asked_for():
    story = made_up_story(1, "zh")
    assert set(story.people.values()) == {"zh"}
    assert {session.person for session in story.sessions} == set(story.people)


def test_only_what_another_session_told_is_asked_for_and_values_stand_in_what_tells_them():
    truth = Truth(story := made_up_story(4))
    for session in story.sessions:
        for number, turn in enumerate(session.turns):
            assert set(turn.wants) <= set(truth.values)
            truth.add(session, number)
    for line in lines_of(story):
        for _, value in line.facts:
            assert names(line.text, value), line.text
        assert line.leaves_open in line.text


class Oracle:
    """Hands out to each prompt just what it wants, and nothing else."""

    def __init__(self, story):
        self.truth = Truth(story)

    async def begin(self, _):
        return NOTHING

    async def ask(self, session, turn):
        wanted = [(key, self.truth.values[key]) for key in session.turns[turn].wants]
        said = [
            next(
                one
                for one in reversed(self.truth.said.values())
                if fact in one.line.facts and not one.taken_back
            )
            for fact in wanted
        ]
        entries = tuple(RecalledPart(one.line.text, (one.key,)) for one in said)
        return Handed("\n".join(one.text for one in entries), entries)

    async def keep(self, session, turn):
        self.truth.add(session, turn)

    async def keep_all(self, session):
        for turn, _ in enumerate(session.turns):
            self.truth.add(session, turn)

    async def settle(self):
        pass


async def test_a_memory_that_hands_out_just_what_is_wanted_misses_no_fact():
    story = made_up_story(2)
    first, second = await play(Oracle(story), story, {1, 2}, lambda _: None)
    assert first.brought == second.brought == 1
    assert first.echoes == second.echoes == 0
    assert second.last_task == 0
