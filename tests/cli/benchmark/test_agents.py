"""Weeks of work with coding agents: parsed, written as transcripts, replayed and evaluated."""

from dataclasses import replace

import pytest

from sage.cli.benchmark.agents.measure import replay
from sage.cli.benchmark.agents.memory import NOTHING, RecalledContext, RecalledEntry, sage_memory
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
    """A memory that recalls what a test specifies, and records the calls."""

    def __init__(self, starts, prompts):
        self.starts = starts
        self.prompts = prompts
        self.stored = []

    async def begin(self, session):
        return self.starts.get(session.name, NOTHING)

    async def ask(self, session, turn):
        return self.prompts.get((session.name, turn), NOTHING)

    async def store_turn(self, session, turn):
        self.stored.append((session.name, turn))

    async def store_session(self, session):
        self.stored.append((session.name, "all"))

    async def settle(self):
        pass


def recalled(*quoted):
    """Return a context that quotes messages, each given by session, turn and place in the turn."""
    entries = [
        RecalledEntry([*session.turns[turn].lines()][place].text, (session.key(turn, place),))
        for session, turn, place in quoted
    ]
    return RecalledContext(" / ".join(entry.text for entry in entries), tuple(entries))


async def replayed(story, starts, prompts):
    [week] = await replay(Fake(starts, prompts), story, {1}, lambda _: None)
    return week


def test_handwritten_weeks_have_two_people_each_and_need_only_stated_facts():
    for story in own_stories():
        assert len(story.people) == 2
        assert len({session.project for session in story.sessions}) == 4
        assert {session.client for session in story.sessions} == set(CLIENTS)
        assert {session.begins for session in story.sessions} == set(Begins)
        assert any(turn.taken_back for session in story.sessions for turn in session.turns)
        values, missing = {}, set()
        for session in story.sessions:
            for turn in session.turns:
                missing |= set(turn.needs) - set(values)
                for line in turn.lines():
                    assert line.leaves_open in line.text
                    values |= dict(line.facts)
        assert len(missing) == 1, "one question is asked before its fact is stated"


def test_a_message_without_a_kind_is_rejected():
    with pytest.raises(ValueError, match="has no kind"):
        read_story("bad", "== s1 mon 09:00 ann codex wharf\n> Find out why.")


def test_transcripts_are_read_back_as_they_were_written(story, tmp_path):
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


async def test_facts_are_recalled_at_a_start_or_a_prompt_and_those_of_a_fork_are_not_missed(story):
    first, second, third, _ = story.sessions
    fact = recalled((first, 1, 0))
    week = await replayed(story, {}, {(second.name, 2): fact})
    assert (week.facts, week.recalled) == (2, 0.5)
    assert week.missed == [
        one for one in week.missed if not one.startswith("fact crane-port=7114: Which port has")
    ]
    week = await replayed(story, {}, {(second.name, 2): fact, (third.name, 0): fact})
    assert (week.facts, week.recalled, week.irrelevant) == (2, 1, 0)


async def test_a_start_is_evaluated_by_the_last_task_that_was_not_taken_back(story):
    _, second, third, _ = story.sessions
    week = await replayed(story, {"s3": recalled((second, 0, 0))}, {})
    assert (week.starts, week.last_task, week.taken_back, week.irrelevant) == (3, 0, 1, 1)
    week = await replayed(story, {"s3": recalled((second, 1, 0), (second, 1, 1))}, {})
    assert (week.last_task, week.found, week.irrelevant) == (0.5, 0.5, 0)
    assert third.turns[0].prompt.kind is StoryKind.QUESTION


async def test_preferences_are_relevant_only_to_the_person_who_has_them(story):
    said = recalled((story.sessions[0], 1, 0))
    week = await replayed(story, {"s2": said, "s3": said}, {})
    assert week.preferences == 1
    assert 0 < week.irrelevant < 1, "they are irrelevant to another person"


async def test_questions_and_non_answers_are_echoes_unless_they_contain_the_answer(story):
    first, second, third, _ = story.sessions
    echo = recalled((second, 2, 0), (second, 2, 1))
    week = await replayed(story, {}, {(third.name, 0): echo})
    assert (week.echoes, week.with_echo, week.irrelevant) == (1, 1, 1)
    question = next(iter(second.turns[2].lines())).text
    both = RecalledEntry(f"{question} The crane listens on port 7114.", (second.key(2, 0),))
    week = await replayed(story, {}, {(third.name, 0): RecalledContext(both.text, (both,))})
    assert (week.echoes, week.irrelevant) == (0, 0)
    remark = recalled((first, 0, 1))
    assert (await replayed(story, {"s2": remark}, {})).recalled_remarks == 1


async def test_a_question_is_relevant_with_its_answer_and_while_it_is_open(story):
    _, second, third, _ = story.sessions
    exchange = recalled((third, 0, 0), (third, 0, 1))
    again = recalled((third, 0, 0), (third, 0, 1), (third, 0, 1))
    fourth = replace(story.sessions[3], begins=Begins.ANEW, origin="")
    story = replace(story, sessions=(*story.sessions[:3], fourth))
    assert (await replayed(story, {"s4": exchange}, {})).irrelevant == 0
    assert 0 < (await replayed(story, {"s4": again}, {})).irrelevant < 0.5
    unanswered = recalled((second, 2, 0))
    assert (await replayed(story, {"s3": unanswered}, {})).irrelevant == 0
    assert (await replayed(story, {"s3": recalled((second, 2, 1))}, {})).echoes == 1


async def test_tables_have_a_row_for_each_week_and_a_list_of_what_was_missed(story):
    week = await replayed(story, {}, {})
    for table in (*agents_tables([week, week]), missed_table([week])):
        assert all(len(row) == len(table.heading) for row in table.rows)
        assert len(table.rows) == (len(week.missed) if table.heading[0] == "missed" else 2)


async def test_what_is_recalled_twice_or_at_a_fork_is_irrelevant(story):
    first, *_ = story.sessions
    fact = recalled((first, 1, 0))
    twice = await replayed(story, {"s3": fact}, {("s3", 0): fact})
    assert twice.irrelevant == 0.5
    forked = await replayed(story, {"s4": fact}, {})
    assert (forked.at_resume, forked.irrelevant) == (1, 1)


async def test_weeks_that_are_not_evaluated_are_only_stored(story):
    fake = Fake({}, {})
    assert await replay(fake, story, (), lambda _: None) == []
    assert fake.stored == [(session.name, "all") for session in story.sessions]


async def test_a_week_is_replayed_through_the_hooks_of_a_real_sage(postgres_dsn, tmp_path):
    story = read_story("wharf", STORY.replace("bo codex", "bo gemini-cli"))
    settings = settings_for(postgres_dsn, tmp_path)
    async with sage_memory(settings, story) as memory:
        [week] = await replay(memory, story, {1}, lambda _: None)
    assert (week.messages, week.sessions, week.starts, week.prompts) == (16, 4, 3, 7)
    assert week.entries > 0
    assert (week.recalled, week.last_task) == (1, 1)
