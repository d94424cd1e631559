"""Of the hits of a prompt a session is told what may answer it: no tasks, no echoes."""

# ruff: noqa: RUF001 - Chinese marks

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from sage.domain.exchanges import Reply
from sage.domain.memories import Role
from sage.domain.searching import Hit
from sage.retrieval.recall.prompt_recall import only_states, select_for_prompt
from sage.retrieval.recall.subjects import Subject
from sage.retrieval.recall.tasks import sets_task
from tests.support.each import each

FACT = "The upstream limit for the payout scheduler is 52479 requests a minute."
TASK = "Add a progress bar to the payout scheduler."
DONE = "Done: a progress bar for the payout scheduler. The code is in cache.py."
PORT = "The payout scheduler listens on port 4417."


def hit(content, likelihood, role=Role.USER, reply=None, day=1):
    answered = reply and Reply(uuid4(), Role.ASSISTANT, None, reply)
    told_at = datetime(2026, 6, day, tzinfo=UTC)
    return Hit(
        uuid4(), "s", role, None, content, told_at, None, likelihood, 0.5, {}, reply=answered
    )


def told(prompt, *hits):
    return [one.content for one in select_for_prompt(prompt, hits)]


def test_a_fact_is_told_that_stands_behind_tasks_and_what_was_done_for_them():
    before = [
        hit(DONE, 0.55, Role.ASSISTANT),
        hit(TASK, 0.3, reply=DONE),
        hit("请为付款调度器实现进度条，带测试", 0.3),
    ]
    for prompt in ("how fast may the payout scheduler go", "Who owns the payout scheduler?"):
        assert told(prompt, *before, hit(FACT, 0.02)) == [FACT]
    assert told("Make the payout scheduler obey its limit.", *before, hit(FACT, 0.02)) == [
        FACT,
        DONE,
    ]


def test_what_was_done_is_told_to_who_asks_for_that():
    done = hit(DONE, 0.7, Role.ASSISTANT)
    prompt = "Does the payout scheduler have a progress bar?"
    assert told(prompt, done, hit(FACT, 0.02)) == [DONE]


def test_a_task_is_told_where_its_answer_tells_something():
    task = "Tell me the port for the payout scheduler."
    prompt = "Which port does the payout scheduler use?"
    assert told(prompt, hit(task, 0.8, reply="4417.")) == [task]
    assert told(prompt, hit(task, 0.8)) == []


def test_a_question_without_an_answer_is_told_only_to_who_asks_what_was_asked():
    asked = hit("Which port does the payout scheduler use?", 0.9)
    assert told("On which port is the payout scheduler?", asked) == []
    assert told("What did I ask about the payout scheduler?", asked) == [asked.content]
    for form in ("Name the port of the payout scheduler.", "付款调度器是哪个端口来着"):
        assert told("On which port is the payout scheduler?", hit(form, 0.9)) == []


def test_what_holds_few_words_of_the_subject_is_about_something_else():
    elsewhere = hit("The owner of the payout desk of the far bank is Ilse.", 0.9)
    subject = about({"payout", "schedul", "night"}, "The nightly payout scheduler is slow.")
    assert elsewhere not in select_for_prompt(
        "Who owns the night payout scheduler?", [elsewhere], subject
    )


def test_what_shares_only_the_word_for_what_is_asked_for_is_about_something_else():
    other = hit("The staging database is db7.internal, port 6432.", 0.13)
    assert told("Which port has the license server?", other) == []
    assert told("Which port has the staging server?", other) == [other.content]
    assert told("Which port was it?", other) == [other.content], "it may be meant"


def test_of_what_is_hardly_likely_a_few_are_told_that_are_about_the_same():
    prompt = "how fast may the payout scheduler go"
    others = [hit(f"The payout scheduler sends to the bank {word}.", 0.01) for word in "abcdefgh"]
    elsewhere = hit("The map view may be slow.", 0.2)
    assert told(prompt, elsewhere, *others) == [one.content for one in others[:3]]


def about(terms, *near):
    """Return a subject with statements of which the first is nearest to the prompt."""
    said = [hit(text, 0.0) for text in near]
    nearness = {one.memory_id: 0.5 - place / 100 for place, one in enumerate(said)}
    return Subject(frozenset(terms), said, nearness)


def test_of_a_subject_the_nearest_statements_are_told_that_were_not_found_and_no_others_beside():
    terms = {"payout", "schedul"}
    asked = "Where does the payout scheduler complain?"
    elsewhere = hit("Where does the tax engine complain?", 0.7, reply="/srv/reed.")
    found = [elsewhere, hit(DONE, 0.2, Role.ASSISTANT), hit(PORT, 0.1)]
    facts = [f"The payout scheduler has the trait {n}." for n in range(9)]
    subject = about(terms, TASK, "Is the payout scheduler slow?", FACT, PORT, *facts)
    told = [one.content for one in select_for_prompt(asked, found, subject)]
    assert told == [FACT, PORT, facts[0]], "a few"
    far = replace(
        subject,
        nearness=dict.fromkeys(subject.nearness, 0.0) | {subject.statements[2].memory_id: 0.5},
    )
    assert [one.content for one in select_for_prompt(asked, found, far)] == [FACT], "it stands out"


def test_a_question_is_told_what_names_a_thing_of_the_kind_it_asks_for_and_nothing_beside():
    asked = "Which board shows how the payout scheduler does?"
    old, now = (f"The dashboard of the payout scheduler is {one}." for one in ("Dune12", "Reed7"))
    subject = about({"payout", "schedul"}, FACT, old, PORT, now)
    fits = dict(zip(subject.nearness, (0.0, 1.0, 0.0, 1.0), strict=True))
    near = dict(zip(subject.nearness, (0.3, 0.5, 0.4, 0.1), strict=True))
    said = [*subject.statements[:3], replace(subject.statements[3], created_at=datetime.now(UTC))]
    of_kind = replace(subject, statements=said, fits=fits, nearness=near)
    told = [one.content for one in select_for_prompt(asked, [], of_kind)]
    assert told == [old, now], "what was said later may hold"
    task = "Add the errors to the board of the payout scheduler."
    assert len(select_for_prompt(task, [], of_kind)) == len(said), "any may be of use for a task"


def test_beside_what_surely_answers_only_what_was_said_later_is_told():
    terms = {"payout", "schedul"}
    asked = "Which port does the payout scheduler listen on?"
    subject = about(terms, *(f"The payout scheduler has the trait {n}." for n in range(9)))
    before = [one.content for one in subject.statements]
    surely = hit(asked, 0.9, reply="4417.", day=9)
    assert select_for_prompt(asked, [surely, hit(FACT, 0.1)], subject) == [surely]
    moved = hit("The payout scheduler has moved to port 4418.", 0.0, day=20)
    near = subject.nearness | {moved.memory_id: 0.42}
    later = replace(subject, statements=[*subject.statements, moved], nearness=near)
    assert select_for_prompt(asked, [surely], later) == [moved]
    again = replace(moved, content="For the record, the payout scheduler is on port 4418.")
    unsure = replace(later, statements=[*subject.statements, again])
    assert select_for_prompt(asked, [surely], unsure) == [surely, again], (
        "it does not say that it moved"
    )
    assert select_for_prompt(asked, [hit(FACT, 0.9, day=9)], later)[1:] == [], "of another kind"
    told = [one.content for one in select_for_prompt(asked, [hit(FACT, 0.7, day=9)], later)]
    assert told == [FACT, *before[:2]], "it is not sure"
    task = "Make the payout scheduler listen."
    told = [one.content for one in select_for_prompt(task, [hit(FACT, 0.9)], later)]
    assert told == [FACT, *before[:7]], "any of them may be of use for a task"


def test_what_a_later_statement_changes_is_told_as_it_is_now():
    moved = hit("The payout scheduler has moved to port 4418.", 0.0, day=20)
    subject = about({"payout", "schedul"}, FACT)
    near = subject.nearness | {moved.memory_id: 0.0}
    subject = replace(subject, statements=[*subject.statements, moved], nearness=near)
    asked = hit("Which port does the payout scheduler use?", 0.9, reply="4417.")
    for outdated in (hit(PORT, 0.9), asked):
        for prompt in ("Where can I reach the payout scheduler?", "Probe the payout scheduler."):
            told = select_for_prompt(prompt, [outdated], subject)
            assert moved in told
            assert outdated not in told
    told = select_for_prompt("Is the payout scheduler still on port 4417?", [asked], subject)
    assert asked in told, "the prompt names it"
    other = replace(moved, content="We use port 4419 now.")
    of_words = Subject(frozenset({"port"}), [other], {other.memory_id: 0.0})
    told = select_for_prompt(
        "Name the port that the payout scheduler listens on.", [asked], of_words
    )
    assert asked in told, "the other shares few words with the prompt"


def test_what_a_later_statement_may_have_replaced_stands_behind_the_others():
    terms = {"payout", "schedul"}
    subject = about(terms, PORT, FACT, "The payout scheduler has moved to port 4418.")
    subject = replace(subject, outdated=frozenset({subject.statements[0].memory_id}))
    told = select_for_prompt("How do I reach the payout scheduler?", [], subject)
    assert [told.index(one) for one in subject.statements] == [2, 0, 1]


def test_an_answer_is_told_with_its_question_and_once():
    question = hit("Which port does the payout scheduler use?", 0.7, reply="4417.")
    again = hit("On what port is the payout scheduler?", 0.7, reply="4417.")
    answer = replace(hit("4417.", 0.8, Role.ASSISTANT), memory_id=question.reply.memory_id)
    prompt = "Which port does the payout scheduler listen on?"
    assert select_for_prompt(prompt, [answer, question, again]) == [
        replace(question, probability=0.8)
    ]


def test_what_answers_in_another_language_is_told_though_it_shares_no_words_with_the_prompt():
    question = hit("Why is the CI so slow?", 0.4, reply="The tests ran one after another.")
    assert told("持续集成为什么这么慢？", question) == [question.content]
    assert told("What holds up our pipelines?", question) == []


def test_what_people_said_after_a_question_of_theirs_is_no_answer_if_it_is_about_something_else():
    asked = "Which port does the payout scheduler use?"
    answers = ["It was 4417.", "The payout scheduler needs port 4417 and 4418 as of today."]
    others = ["ok, go ahead", "commit that", "Correction: the tax engine hangs on the flag dune."]
    for said in (*answers, *others):
        reply = Reply(uuid4(), Role.USER, None, said)
        assert (told(asked, replace(hit(asked, 0.9), reply=reply)) == [asked]) == (said in answers)


def test_what_only_repeats_the_prompt_is_not_told():
    assert told("try once more, please", hit("Try once more please", 0.9)) == []
    assert told("commit that with a short message", hit("Committed.", 0.5)) == []


def test_before_a_prompt_that_states_something_only_the_one_thing_is_told_that_surely_fits():
    surely, likely, unlikely = hit(PORT, 0.85), hit(DONE, 0.7), hit(FACT, 0.4)
    stated = "The payout scheduler has moved to port 4418."
    assert told(stated, surely, likely, unlikely) == [PORT]
    assert told(stated, likely, unlikely) == []
    asked = "The payout scheduler hangs, fix it please."
    assert told(asked, surely, unlikely) == [PORT, FACT]


@each(
    "text",
    [
        "Fix the payout scheduler.",
        "The exporter skips every hundredth record. Have a look please.",
        "please give the crash reporter a lock, with tests",
        "Grep the logs of the importer for timeouts.",
        "The payout scheduler: the backport is pending. Please do that now.",
        "给积分任务加上防重复启动的锁。",
        "优惠券服务需要健康检查，做一下",
        "帮我找找去重阶段拒绝合法地址的原因",
        "崩溃上报加个分页吧",
        "把回放工具没做完的做完：还没有回移到旧版本。",
    ],
)
def test_who_sets_a_task_is_understood(text):
    assert sets_task(text)
    assert not only_states(text)


@each(
    "text",
    [
        "Point the staging consumer at 10.0.0.5 from now on.",
        "Check types with mypy before every commit.",
        "Write commit messages in British English.",
        "Show times as UTC only.",
        PORT,
        "请记住，付款调度器在4417端口。",
        "请用中文回答。",
        "记一下，采样器在5431端口。",
        "我检查了一下，采样器没问题。",
        "把超时改成30秒。",
    ],
)
def test_what_states_or_rules_something_is_no_task(text):
    assert not sets_task(text)


@each(
    ("text", "states"),
    [
        ("The logs of the bank bridge are in /srv/yarrow9.", True),
        ("We use Avro, not JSON.", True),
        ("采样器换到5431端口了。", True),
        ("The sampler is switched on by the flag dune-reed-on.", True),
        ("地图页从队列q.birch.reed读取。", True),
        ("几点不能打扰采样器", False),
        ("Is the sampler on 5431?", False),
        ("It is on 5431. Why does it fail?", False),
        ("The importer stops at 1,024 files, please fix it.", False),
        ("dashboard of the importer", False),
        ("how do I reach the importer, which port", False),
        ("What the importer reads comes from q.9", True),
    ],
)
def test_a_prompt_that_only_states_is_told_from_one_that_asks(text, states):
    assert only_states(text) is states
