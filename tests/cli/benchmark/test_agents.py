"""Weeks of work with coding agents: how they are read, written down, played and judged."""

from dataclasses import replace

import pytest

from sage.cli.benchmark.agents.measure import play
from sage.cli.benchmark.agents.memory import NOTHING, Handed, RecalledPart, sage_memory
from sage.cli.benchmark.agents.script import own_stories, read_story
from sage.cli.benchmark.agents.story import Begins, StoryKind
from sage.cli.benchmark.agents.tables import agents_tables, missed_table
from sage.cli.benchmark.agents.transcripts import CLIENTS, StoryTranscript, source_key
from sage.clients.transcripts.reading import Position, read_turns
from tests.support.serving import settings_for

STORY = """
person ann en
person bo en
== s1 mon 09:00 ann claude-code wharf
> Find out why the crane stops. {task @crane}
- Let me look at the crane.
< The brake was stuck; I freed it. The spare is missing. {found @crane open="The spare is missing"}
> The crane listens on port 7114. I prefer short answers. {preference @crane crane-port=7114}
< Noted. {acknowledgement}
== s2 mon 10:00 bo codex wharf
> Paint the ferry green. {task @ferry back}
- Mixing green.
< Green it is. {found @ferry}
> Paint the ferry blue. {task @ferry}
< Painted. {found @ferry}
> Which port has the crane? {question ?crane-port @crane}
< I do not know. {non-answer}
== s3 tue 09:00 ann claude-code wharf
> Which port does the crane have? {question ?crane-port @crane}
< 7114. {answer @crane crane-port=7114}
== s4 tue 10:00 ann claude-code wharf forks s3
> Restart the crane on its port. {task ?crane-port @crane}
< Restarted. {found @crane}
"""


@pytest.fixture
def story():
    return read_story("wharf", STORY)


class Fake:
    """A memory that hands out what a test says, and notes what it is asked."""

    def __init__(self, starts, prompts):
        self.starts = starts
        self.prompts = prompts
        self.kept = []

    async def begin(self, session):
        return self.starts.get(session.name, NOTHING)

    async def ask(self, session, turn):
        return self.prompts.get((session.name, turn), NOTHING)

    async def keep(self, session, turn):
        self.kept.append((session.name, turn))

    async def keep_all(self, session):
        self.kept.append((session.name, "all"))

    async def settle(self):
        pass


def handed(*quoted):
    """Return what quotes messages, each named by its session, turn and place in the turn."""
    entries = [
        RecalledPart([*session.turns[turn].lines()][place].text, (session.key(turn, place),))
        for session, turn, place in quoted
    ]
    return Handed(" / ".join(entry.text for entry in entries), tuple(entries))


async def played(story, starts, prompts):
    [week] = await play(Fake(starts, prompts), story, {1}, lambda _: None)
    return week


def test_weeks_by_hand_are_of_two_people_each_and_ask_only_for_what_was_told():
    for story in own_stories():
        assert len(story.people) == 2
        assert len({session.project for session in story.sessions}) == 4
        assert {session.client for session in story.sessions} == set(CLIENTS)
        assert {session.begins for session in story.sessions} == set(Begins)
        assert any(turn.taken_back for session in story.sessions for turn in session.turns)
        values, missing = {}, set()
        for session in story.sessions:
            for turn in session.turns:
                missing |= set(turn.wants) - set(values)
                for line in turn.lines():
                    assert line.leaves_open in line.text
                    values |= dict(line.facts)
        assert len(missing) == 1, "one question is asked before anybody knows"


def test_what_is_of_no_kind_is_refused():
    with pytest.raises(ValueError, match="is of no kind"):
        read_story("bad", "== s1 mon 09:00 ann codex wharf\n> Find out why.")


def test_clients_read_back_what_is_written_down(story, tmp_path):
    for client in CLIENTS:
        session = replace(story.sessions[0], client=client)
        transcript = StoryTranscript(tmp_path, session, None)
        for turn, _ in enumerate(session.turns):
            transcript.add_turn(session, turn, "/home/ann/wharf")
        turns, _ = read_turns(transcript.path, client, Position(), session.session_id)
        said = [
            (source_key(client, session.key(number, place)), line.text)
            for number, turn in enumerate(session.turns)
            for place, line in enumerate(turn.lines())
        ]
        assert [(turn.key, turn.text) for turn in turns] == said
        transcript.path.unlink()


async def test_facts_are_brought_by_a_start_or_a_prompt_and_what_a_fork_has_is_not_missed(story):
    first, second, third, _ = story.sessions
    fact = handed((first, 1, 0))
    week = await played(story, {}, {(second.name, 2): fact})
    assert (week.wanted, week.brought) == (2, 0.5)
    assert week.missed == [
        one for one in week.missed if not one.startswith("fact crane-port=7114: Which port has")
    ]
    week = await played(story, {}, {(second.name, 2): fact, (third.name, 0): fact})
    assert (week.wanted, week.brought, week.answer_nothing) == (2, 1, 0)


async def test_a_start_is_judged_by_the_last_task_that_was_not_taken_back(story):
    _, second, third, _ = story.sessions
    week = await played(story, {"s3": handed((second, 0, 0))}, {})
    assert (week.starts, week.last_task, week.taken_back, week.answer_nothing) == (3, 0, 1, 1)
    week = await played(story, {"s3": handed((second, 1, 0), (second, 1, 1))}, {})
    assert (week.last_task, week.found, week.answer_nothing) == (0.5, 0.5, 0)
    assert third.turns[0].prompt.kind is StoryKind.QUESTION


async def test_preferences_are_wanted_by_the_one_who_has_them(story):
    said = handed((story.sessions[0], 1, 0))
    week = await played(story, {"s2": said, "s3": said}, {})
    assert week.preferences == 1
    assert 0 < week.answer_nothing < 1, "to another person they say nothing"


async def test_questions_and_non_answers_are_echoes_unless_they_bring_the_answer(story):
    first, second, third, _ = story.sessions
    echo = handed((second, 2, 0), (second, 2, 1))
    week = await played(story, {}, {(third.name, 0): echo})
    assert (week.echoes, week.with_echo, week.answer_nothing) == (1, 1, 1)
    question = next(iter(second.turns[2].lines())).text
    both = RecalledPart(f"{question} The crane listens on port 7114.", (second.key(2, 0),))
    week = await played(story, {}, {(third.name, 0): Handed(both.text, (both,))})
    assert (week.echoes, week.answer_nothing) == (0, 0)
    remark = handed((first, 0, 1))
    assert (await played(story, {"s2": remark}, {})).remarks_handed == 1


async def test_a_question_is_of_use_beside_its_answer_and_while_it_is_open(story):
    _, second, third, _ = story.sessions
    exchange = handed((third, 0, 0), (third, 0, 1))
    again = handed((third, 0, 0), (third, 0, 1), (third, 0, 1))
    fourth = replace(story.sessions[3], begins=Begins.ANEW, origin="")
    story = replace(story, sessions=(*story.sessions[:3], fourth))
    assert (await played(story, {"s4": exchange}, {})).answer_nothing == 0
    assert 0 < (await played(story, {"s4": again}, {})).answer_nothing < 0.5
    asked_in_vain = handed((second, 2, 0))
    assert (await played(story, {"s3": asked_in_vain}, {})).answer_nothing == 0
    assert (await played(story, {"s3": handed((second, 2, 1))}, {})).echoes == 1


async def test_tables_have_a_row_for_each_week_and_a_list_of_what_was_missed(story):
    week = await played(story, {}, {})
    for table in (*agents_tables([week, week]), missed_table([week])):
        assert all(len(row) == len(table.heading) for row in table.rows)
        assert len(table.rows) == (len(week.missed) if table.heading[0] == "missed" else 2)


async def test_what_is_handed_out_twice_or_at_a_fork_is_worth_nothing(story):
    first, *_ = story.sessions
    fact = handed((first, 1, 0))
    twice = await played(story, {"s3": fact}, {("s3", 0): fact})
    assert twice.answer_nothing == 0.5
    forked = await played(story, {"s4": fact}, {})
    assert (forked.at_resume, forked.answer_nothing) == (1, 1)


async def test_of_weeks_that_are_not_measured_nothing_is_asked(story):
    fake = Fake({}, {})
    assert await play(fake, story, (), lambda _: None) == []
    assert fake.kept == [(session.name, "all") for session in story.sessions]


async def test_a_week_is_played_through_the_hooks_of_a_real_sage(postgres_dsn, tmp_path):
    story = read_story("wharf", STORY.replace("bo codex", "bo gemini-cli"))
    settings = settings_for(postgres_dsn, tmp_path)
    async with sage_memory(settings, story) as memory:
        [week] = await play(memory, story, {1}, lambda _: None)
    assert (week.messages, week.sessions, week.starts, week.prompts) == (16, 4, 3, 7)
    assert week.handed > 0
    assert (week.brought, week.last_task) == (1, 1)
