"""What a prompt is about, and which statements about that are near to it."""

# ruff: noqa: RUF001 - Chinese marks

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np

from sage.domain.exchanges import Reply
from sage.domain.memories import Role
from sage.domain.searching import Hit
from sage.retrieval.recall.subjects import (
    Subject,
    nearness_of,
    on_subject,
    outdated_in,
    subject_terms,
)
from tests.support.each import each

PORT, LOGS, OWNER = (
    "The bank bridge listens on port 4417.",
    "The bank bridge writes its logs to /srv/yarrow.",
    "Ilse Thorne looks after the bank bridge.",
)


def hit(content, role=Role.USER, reply=None, day=1):
    answered = reply and Reply(uuid4(), Role.ASSISTANT, None, reply)
    told_at = datetime(2026, 6, day, tzinfo=UTC)
    return Hit(uuid4(), "s", role, None, content, told_at, None, 0.1, 0.5, {}, reply=answered)


def test_a_subject_is_named_by_the_words_that_most_of_what_was_found_shares_with_the_prompt():
    found = [hit(text) for text in (PORT, LOGS, OWNER, "Add a filter to the bank bridge.")]
    asked_similar = [
        hit(f"Where do I put a message for the {one}?", reply="It is q.reed.")
        for one in ("ledger", "mailer", "sampler", "router", "importer")
    ]
    prompt = "Where do I put a message for the bank bridge?"
    assert subject_terms(prompt, [*asked_similar, *found]) == {"bank", "bridg"}
    assert subject_terms("How is the weather?", found) == frozenset()
    assert subject_terms("Who looks after the bank?", found[:1]) == frozenset(), "too few"
    chinese = [hit(text) for text in ("采样器在五号机。", "采样器由林岳负责。", "采样器每晚运行。")]
    assert subject_terms("采样器归谁管", chinese) == {"采样", "样器"}


@each(
    "prompt",
    (
        *("Which port has the license server?", "What is the port of the license server?"),
        *("Auf welchem Port läuft der Lizenzserver?", "Quel est le port du serveur ?"),
    ),
)
def test_the_word_for_what_is_asked_for_names_no_subject(prompt):
    others = [hit(f"The {one} listens on port 90{n}.") for n, one in enumerate(("desk", "feed"))]
    found = [*others, hit("The staging database is db7, port 6432.")]
    assert subject_terms(prompt, found) == frozenset()
    assert subject_terms("List the ports.", found) == {"port"}, "it is about nothing else"


def test_the_word_for_what_is_asked_for_names_no_subject_in_chinese():
    found = [hit(f"{one}的端口是90{n}。") for n, one in enumerate(("网关", "采样器", "面板"))]
    assert subject_terms("许可证服务用哪个端口？", found) == frozenset()


def test_tasks_that_share_with_a_prompt_what_is_to_be_done_name_no_subject():
    alike = [hit(f"Let the {one} retry with a growing pause.") for one in ("mailer", "sampler")]
    done = "Done: the {} retries with a growing pause."
    alike += [hit(done.format(one), Role.ASSISTANT) for one in ("router", "importer", "desk")]
    found = [hit(text) for text in (PORT, LOGS, OWNER)]
    prompt = "Implement retries with a growing pause for the bank bridge."
    assert subject_terms(prompt, [*alike, *found]) == {"bank", "bridg"}
    assert subject_terms(prompt, alike).isdisjoint({"bank", "bridg"})
    asked_similar = [
        hit(f"The {one} hangs on the flag dune.") for one in ("mailer", "desk", "feed")
    ]
    asked_similar.append(hit("Name the flag that the sampler hangs on."))
    reports = [hit("Done for the bank bridge, see cache.py.", Role.ASSISTANT)] * 4
    asked = "Name the flag that the bank bridge hangs on."
    assert subject_terms(asked, [*asked_similar, *reports]) == {"bank", "bridg"}


def test_what_names_a_thing_of_the_kind_that_a_prompt_needs_is_nearer():
    said = [hit(text) for text in ("It writes to reed_heron.", "It is old.", "It is on 4417.")]
    alike = np.full((3, 3), 0.5)
    subject = Subject.of("Which port was it?", alike[0], frozenset({"it"}), said, alike)
    assert max(said, key=subject.near) == said[2]


def test_of_statements_on_a_subject_those_are_near_that_differ_from_the_others_as_the_prompt_does():
    said = [hit(text) for text in (PORT, LOGS, OWNER)]
    vectors = np.array([[0.9, 0.3, 0.1], [0.9, 0.1, 0.3], [0.95, 0.1, 0.1]])
    near = nearness_of(
        "Where does the bank bridge complain?", np.array([0.8, 0.1, 0.2]), said, vectors
    )
    assert max(said, key=lambda one: near[one.memory_id]).content == LOGS
    alike = np.full((3, 3), 0.5)
    asked = "Who looks after the bank bridge?"
    subject = Subject.of(asked, alike[0], frozenset({"bank", "bridg"}), said, alike)
    assert max(said, key=subject.near).content == OWNER, "by its words"


def test_a_statement_without_a_vector_is_as_near_as_the_middle():
    said = [hit(PORT), hit(LOGS), hit(OWNER)]
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [np.nan, np.nan]])
    near = nearness_of("怎么连上它", np.array([1.0, 0.0]), said, vectors)
    assert [near[one.memory_id] > 0 for one in said] == [True, False, False]
    assert near[said[2].memory_id] == 0 > near[said[1].memory_id]
    assert nearness_of("怎么连上它", np.array([1.0, 0.0]), [], np.empty((0, 2))) == {}
    nothing = np.full((3, 2), np.nan)
    assert set(nearness_of("怎么连上它", np.array([1.0, 0.0]), said, nothing).values()) == {0.0}


def test_of_statements_of_one_kind_on_a_subject_the_latest_may_have_replaced_the_others():
    said = [hit(PORT, day=3), hit(LOGS, day=1), hit("It is on port 4418 now.", day=4)]
    vectors = np.array([[0.9, 0.3, 0.1], [0.9, 0.1, 0.4], [0.9, 0.31, 0.12]])
    question = np.array([0.8, 0.1, 0.2])
    assert outdated_in(question, said, vectors) == {said[0].memory_id}
    vectors[2] = np.nan
    assert outdated_in(question, said, vectors) == frozenset()


def test_statements_are_on_a_subject_that_hold_most_of_its_words():
    said = [hit(text) for text in (PORT, "The bank is closed.", LOGS, "A bridge is built.")]
    assert [one.content for one in on_subject(frozenset({"bank", "bridg"}), said)] == [PORT, LOGS]
    assert len(on_subject(frozenset({"bank", "bridg", "chang"}), said)) == 2
    assert on_subject(frozenset({"ledger"}), said) == []
