"""Generated weeks of work: the same for the same seed, with everything that real weeks have."""

from benchmarks.agents.weeks import PEOPLE, generated_story
from sage.cli.benchmark.agents.ground_truth import GroundTruth, contains_value
from sage.cli.benchmark.agents.measure import replay
from sage.cli.benchmark.agents.memory import NOTHING, RecalledContext, RecalledEntry
from sage.cli.benchmark.agents.story import Begins, StoryKind
from sage.cli.benchmark.agents.transcripts import CLIENTS


def lines_of(story):
    return [line for session in story.sessions for turn in session.turns for line in turn.lines()]


def test_twelve_weeks_contain_what_real_ones_do():
    story = generated_story(12)
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
        assert sum(bool(turn.needs) for turns in asked for turn in turns) >= 40


def test_the_same_seed_generates_the_same_weeks_whatever_their_number():
    assert generated_story(2, "en", seed=1) == generated_story(2, "en", seed=1)
    assert generated_story(2, "en", seed=1) != generated_story(2, "en", seed=2)
    assert generated_story(3, seed=5).until(2).sessions == generated_story(2, seed=5).sessions


def test_weeks_in_one_language_have_only_people_who_speak_it():
    story = generated_story(1, "zh")
    assert set(story.people.values()) == {"zh"}
    assert {session.person for session in story.sessions} == set(story.people)


def test_prompts_need_only_stated_facts_and_statements_contain_the_values():
    truth = GroundTruth(story := generated_story(4))
    for session in story.sessions:
        for number, turn in enumerate(session.turns):
            assert set(turn.needs) <= set(truth.values)
            truth.add(session, number)
    for line in lines_of(story):
        for _, value in line.facts:
            assert contains_value(line.text, value), line.text
        assert line.leaves_open in line.text


class Oracle:
    """A memory that recalls exactly the facts that each prompt needs."""

    def __init__(self, story):
        self.truth = GroundTruth(story)

    async def begin(self, _):
        return NOTHING

    async def ask(self, session, turn):
        wanted = [(key, self.truth.values[key]) for key in session.turns[turn].needs]
        said = [
            next(
                one
                for one in reversed(self.truth.messages.values())
                if fact in one.line.facts and not one.taken_back
            )
            for fact in wanted
        ]
        entries = tuple(RecalledEntry(one.line.text, (one.key,)) for one in said)
        return RecalledContext("\n".join(one.text for one in entries), entries)

    async def store_turn(self, session, turn):
        self.truth.add(session, turn)

    async def store_session(self, session):
        for turn, _ in enumerate(session.turns):
            self.truth.add(session, turn)

    async def settle(self):
        pass


async def test_a_memory_that_recalls_exactly_what_is_needed_misses_no_fact():
    story = generated_story(2)
    first, second = await replay(Oracle(story), story, {1, 2}, lambda _: None)
    assert first.recalled == second.recalled == 1
    assert first.echoes == second.echoes == 0
    assert second.last_task == 0
