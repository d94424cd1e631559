"""What a session begins with: what was asked and found last, decisions, and preferences."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from sage.access.accounts.tokens import create_token
from sage.access.accounts.users import add_user
from sage.config.settings import RecallSettings
from sage.domain.caller import SpaceRole
from sage.retrieval.context.tokens import count_tokens_upper_bound
from sage.store.connections.pool import open_database
from tests.clients.hooks.conftest import all_captured, context, line, stop
from tests.support import plain_http
from tests.support.guarded import SERVER_TOKEN
from tests.support.serving import serving, settings_for

STEPS = [f"Step {number}: now I will look at file {number}." for number in range(1, 7)]
TRIES = 5
TASK = "find out why test_login is flaky"
FOUND = "It shares a database with test_signup; each needs one of its own."


@pytest.fixture
def told(hooks, project):
    """Return what a new session of a project is told."""

    def start(folder=project, **more):
        for _ in range(TRIES):
            payload = {"session_id": uuid4().hex, "cwd": str(folder), "source": "startup", **more}
            answer = hooks.answer("start", payload)
            if "in time" not in str(answer):
                break  # else the machine is busy: the hook waits for no longer than a second
        return context(answer)

    return start


@pytest.fixture
def alone(hooks, postgres_dsn):
    """Serve a Sage of this test's own, for what people prefer is told in all projects."""
    with serving(settings_for(postgres_dsn, hooks.data_dir)) as url:
        hooks.find_sage(url)
        yield Sessions(hooks, url)


class Sessions:
    """Sessions of Claude Code, of which the transcripts are captured, or of another program."""

    def __init__(self, hooks, url):
        self._hooks, self._url = hooks, url

    def work(self, project, *texts, event="stop"):
        """Keep a session: of its texts, those of the assistant are lists, one for each line.

        Unless it stops, its last line is that of a tool.
        """
        mark, number, path = uuid4().hex, 0, project / f"{uuid4().hex}.jsonl"
        project.mkdir(parents=True, exist_ok=True)
        lines = []
        for text in texts:
            role = "user" if isinstance(text, str) else "assistant"
            for one in [text] if role == "user" else text:
                number += 1
                at = (datetime.now(UTC) + timedelta(milliseconds=number)).isoformat()
                lines.append(line(mark, str(number), role, one, timestamp=at) + "\n")
        if event != "stop":
            tool = [{"type": "tool_use", "name": "Read"}]
            lines.append(line(mark, str(number + 1), "assistant", tool) + "\n")
        path.write_text("".join(lines))
        stop(self._hooks, path, mark, event=event)
        all_captured(self._hooks)

    def say(self, text, project=None, answer="Noted.", **more):
        """Keep an exchange of a session of its own."""
        about = {"project": str(project)} if project else {}
        body = {"user_prompt": text, "assistant_response": answer, "metadata": about, **more}
        body |= {"session_id": f"rest:{uuid4()}"}
        saved = plain_http.post(f"{self._url}/api/v1/conversations", json=body).raise_for_status()
        return saved.json()["memory_ids"]


def test_a_session_begins_with_the_last_task_and_what_was_found_not_with_working_remarks(
    alone, told, project
):
    alone.work(project, "rename the staging host to marmot", [*STEPS, "Renamed in three files."])
    alone.work(project, TASK, [*STEPS, FOUND])
    answer = told()
    assert "Step" not in answer
    in_order = ["rename the staging host", "Renamed in three", f"user: {TASK}", FOUND]
    assert sorted(in_order, key=answer.index) == in_order


def test_a_session_begins_with_how_the_last_two_ended_and_what_they_were_about(
    alone, told, project
):
    for session in ("first", "second", "third"):
        texts = []
        for number in range(5):
            texts += [f"Do task {number} of the {session}", [f"Wrote {number} of the {session}."]]
        alone.work(project, *texts)
    answer = told()
    tasks = [
        (session, number)
        for session in ("first", "second", "third")
        for number in range(5)
        if f"Do task {number} of the {session}" in answer
        and f"Wrote {number} of the {session}." in answer
    ]
    assert tasks == [("second", 0), ("second", 4), ("third", 0), ("third", 3), ("third", 4)]
    assert "first" not in answer


def test_room_that_is_left_is_used_for_what_else_was_found_in_the_last_two_sessions(
    alone, told, project
):
    slow = ("Why is the CI so slow?", "The tests waited: a run went from 14 to 5 minutes.")
    cursors = ("Switch to cursors.", "Switched to cursors: the answer has next_cursor.")
    for _ in range(2):
        texts = [f"Add an endpoint for orders. {uuid4().hex}", ["Added: it takes page and size."]]
        for prompt, found in (slow, cursors):
            texts += [f"{prompt} {uuid4().hex}", [found]]
        texts += [text for n in range(3) for text in (f"push {n}", ["Pushed."])]
        texts += [
            text for n in range(3) for text in (f"Do task {n}", [f"Task {n} is done: see {n}.py"])
        ]
        alone.work(project, *texts)
    answer = told()
    assert [answer.count(found) for _, found in (slow, cursors)] == [2, 2]
    assert answer.index(slow[0]) < answer.index(cursors[1]) < answer.index("Do task 1")
    assert "Pushed." not in answer
    long = "It is a long story of many words and few facts. " * 12
    alone.work(project, *(one for n in range(12) for one in (f"Do job {n}", [f"Job {n}: {long}"])))
    answer = told()
    assert [n for n in range(12) if f"Do job {n}\n" in answer][-3:] == [9, 10, 11]
    assert count_tokens_upper_bound(answer) <= 1_500


def test_an_answer_that_was_put_right_is_told_by_what_put_it_right_alone(alone, told, project):
    wrong = "The exporter runs on the host db7, as the deploy script says in its header."
    right = "No, that's wrong, it runs on db9 since the move of last week."
    asked = "Find out on which host the exporter runs."
    alone.work(project, asked, [wrong], right, ["Noted: db9."])
    answer = told()
    assert wrong not in answer
    assert answer.count(right) == 1


def test_what_was_left_open_is_named_so_and_what_was_answered_is_not(alone, told, project):
    alone.say("Which port does pelican use?", project, "I do not know.")
    alone.say("Fix test_signup as well.", project, "Fixed: it has a database of its own.")
    answer = told()
    assert ", left open user: Which port does pelican use?" in answer
    assert "I do not know" not in answer
    assert " user: Fix test_signup" in answer
    assert "left open user: Fix" not in answer


def test_what_an_agent_was_about_to_do_when_its_turn_ended_is_not_what_was_found(
    alone, told, project
):
    alone.say("Which port does osprey use?", project, "I could not find that.")
    remark = "Let me read CHANGELOG.md."
    alone.work(project, TASK, [FOUND], "Now write the changelog entry for egret.", [remark])
    answer = told()
    assert ", left open user: Which port does osprey use?" in answer
    assert ", left open user: Now write the changelog entry for egret." in answer
    assert f" user: {TASK}" in answer
    assert FOUND in answer
    assert remark not in answer
    alone.work(project, "Bump the version to 2.1.")
    assert ", left open user: Bump the version to 2.1." in told()
    remark = "The docs name egret in two places."
    alone.work(project, "Update the docs for egret.", [remark], event="end")
    answer = told()
    assert ", left open user: Update the docs for egret." in answer
    assert remark not in answer


def test_thanks_are_no_task_and_nothing_that_was_found(alone, told, project):
    alone.work(project, TASK, [FOUND], "Thanks!", ["Noted."])
    answer = told()
    assert FOUND in answer
    assert "Thanks" not in answer


def test_a_log_that_was_pasted_is_told_by_its_ends(alone, told, project):
    log = "\n".join(
        f"2026-11-29 10:{n % 60:02} ERROR worker {n} lost its lease" for n in range(4_000)
    )
    alone.work(project, f"What is wrong in this log?\n{log}", ["The leases are too short."])
    answer = told()
    assert "What is wrong in this log?" in answer
    assert "The leases are too short." in answer
    assert len(answer) < 1_500


def test_the_start_of_a_session_keeps_to_its_budget_and_begins_with_what_was_said_last(
    alone, told, project
):
    word = uuid4().hex
    alone.work(project, *(f"第{number}次。" + "今天讨论了很多细节。" * 60 for number in range(6)))
    alone.work(project, "测试环境有哪些主机。" * 9, ["很多。" * 90], "主机。", [f"主机叫{word}。"])
    answer = told()
    assert word in answer
    assert answer.index("次。") < answer.index(word)
    assert count_tokens_upper_bound(answer) <= 1_500
    assert len(answer) <= 9_000


def test_what_was_decided_on_a_project_is_told_once_without_what_was_replaced(
    alone, told, project, tmp_path
):
    alone.say("We decided to use Redis for the order queue.", project)
    alone.say("Build it.", project, "Built. We agreed on other names, by the way.")
    alone.say("We agreed on semantic versions.", project)
    (outdated, _) = alone.say("Let's go with option B.", project)
    alone.say("Let's go with option C.", project, replaces=[outdated])
    alone.say("We decided to use RabbitMQ instead of Redis for the order queue.", project)
    alone.say("We decided to use yarn.", tmp_path / "other")
    for _ in range(2):
        alone.say("缓存改用 SQLite。", project)
    alone.work(project, "And now?", ["Nothing."])
    alone.work(project, "And then?", ["Nothing, either."])
    answer = told()
    decided = [one.split(": ", 1)[1] for one in answer.splitlines() if ", decision" in one]
    assert decided == [
        "We agreed on semantic versions.",
        "Let's go with option C.",
        "We decided to use RabbitMQ instead of Redis for the order queue.",
        "缓存改用 SQLite。",
    ]


PREFERENCES = {
    "I prefer short answers.",
    "We never use tabs.",
    "My favourite editor is Helix.",
    "我喜欢直接的回答。",
    "我們習慣用空格縮排。",
}
PERSONAL = {"I prefer short answers.", "我喜欢直接的回答。"}
NO_PREFERENCES = {
    "Do I like short answers?",
    "The parser likes tabs.",
    "I'd like you to open the editor.",
    "他喜欢简短的回答。",
    "你喜欢用空格缩进吗。",
}


def test_a_session_begins_with_preferences_of_its_project_and_of_none_and_personal_ones_of_all(
    alone, told, project, tmp_path
):
    def preferred():
        answer = told()
        return {text for text in PREFERENCES | NO_PREFERENCES if f": {text}\n" in answer}

    for text in PREFERENCES:
        alone.say(f"Please rename the module. {text}", tmp_path / "other")
    for text in NO_PREFERENCES:
        alone.say(text)
    assert preferred() == PERSONAL
    for number, text in enumerate(sorted(PREFERENCES)):
        alone.say(f"Please rename the module. {text}", project if number % 2 else None)
    for number in range(8):
        alone.say(f"Question {number}.", project)
    assert preferred() == PREFERENCES


def test_a_preference_is_told_once_and_few_are_of_other_projects(alone, told, project, tmp_path):
    for number in range(20):
        alone.say("I prefer short answers.")
        alone.say(f"I like tea number {number} very much.", project)
    for word in ("direct", "formal", "friendly", "honest", "polite"):
        alone.say(f"I prefer {word} answers.", tmp_path / f"of-{len(word)}")
    alone.say("I prefer answers without flattery.", tmp_path / "flattery")
    answer = told()
    liked = [one for one in answer.splitlines() if ", preference" in one]
    assert [one.split(": ")[1] for one in liked] == [
        *(f"I like tea number {number} very much." for number in (16, 17)),
        "I prefer short answers.",
        *(f"I prefer {word} answers." for word in ("friendly", "honest", "polite")),
        *(f"I like tea number {number} very much." for number in (18, 19)),
    ]
    assert answer.count("I like tea number 19") == 1


def test_a_language_takes_the_place_of_the_one_that_was_chosen_before(
    alone, told, project, tmp_path
):
    for number, text in enumerate(("请用中文回答。", "Please answer in German.")):
        alone.say(text, tmp_path / f"other-{number}")
    alone.say("I prefer short answers.", tmp_path / "other")
    alone.say("Please answer in English again.", tmp_path / "newest")
    liked = [one.split(": ")[1] for one in told().splitlines() if ", preference" in one]
    assert liked == ["I prefer short answers.", "Please answer in English again."]
    alone.say("Antworte bitte auf Deutsch.", project)
    alone.work(project, "And now?", ["Nothing."])
    alone.work(project, "And then?", ["Nothing, either."])
    liked = [one.split(": ")[1] for one in told().splitlines() if ", preference" in one]
    assert liked == ["Antworte bitte auf Deutsch.", "I prefer short answers."]


def test_of_wishes_of_other_projects_the_newest_of_each_kind_are_told_not_the_newest(
    alone, told, tmp_path
):
    def wished(*texts):
        for text in texts:
            alone.say(text, tmp_path / uuid4().hex)
        return [one.split(": ")[1] for one in told().splitlines() if ", preference" in one]

    german = "Please always answer in German and keep answers short."
    assert wished(
        german,
        "Please call me Max.",
        "Please call me Lin.",
        "Don't use emojis.",
        "I like it when you give me alternatives.",
        "I never want you to commit without asking.",
        "我喜欢先看结论再看解释。",
    ) == [german, "Please call me Lin.", "我喜欢先看结论再看解释。"]
    assert wished("Please reply in French from now on.") == [
        "keep answers short.",
        "Please call me Lin.",
        "Please reply in French from now on.",
    ]
    english = "Please answer with bullet points, in English."
    assert wished(english) == ["keep answers short.", "Please call me Lin.", english]


def test_projects_that_are_kept_apart_learn_no_preferences_of_each_other(
    hooks, postgres_dsn, told, tmp_path
):
    settings = settings_for(postgres_dsn, hooks.data_dir)
    apart = {"recall": RecallSettings(projects_apart=True)}
    with serving(settings.model_copy(update=apart)) as url:
        hooks.find_sage(url)
        sessions = Sessions(hooks, url)
        sessions.say("I prefer short answers.", tmp_path / "other")
        sessions.say("I prefer honest answers.")
        answer = told()
    assert "honest" in answer
    assert "short" not in answer


def test_how_somebody_else_wants_to_be_answered_is_told_to_nobody(postgres_dsn, tmp_path, project):
    async def tokens():
        database = await open_database(postgres_dsn)
        async with database.transaction_across_spaces() as conn:
            made = {None: await create_token(conn, {"default": SpaceRole.WRITER}, name="hooks-x")}
            for user in ("ada", "bob"):
                await add_user(conn, user)
                made[user] = await create_token(
                    conn, {"default": SpaceRole.WRITER}, name=user, user=user
                )
        await database.close()
        return made

    made = asyncio.run(tokens())
    settings = settings_for(postgres_dsn, tmp_path / "data", token=SERVER_TOKEN)
    with serving(settings) as url:

        def post(who, route, body):
            head = {"Authorization": f"Bearer {made[who]}"}
            answer = plain_http.post(f"{url}/api/v1/{route}", json=body, headers=head)
            return answer.raise_for_status()

        for who, word in (("ada", "short"), ("bob", "long"), (None, "polite")):
            text = f"I prefer {word} answers. I prefer to work in {word} steps."
            about = {"project": str(project)}
            body = {"user_prompt": text, "assistant_response": "Noted.", "metadata": about}
            post(who, "conversations", body)

        def told(who, folder):
            body = {"client": "codex", "event": "start", "session": "s", "project": str(folder)}
            text = post(who, "hooks/recall", body).json()["text"]
            words = ("short", "long", "polite")
            return [word for word in words if f"prefer {word} answers.\n" in text], [
                word for word in words if f"work in {word} steps.\n" in text
            ]

        asked = {who: told(who, tmp_path / "other")[0] for who in made}
        assert asked == {"ada": ["short"], "bob": ["long"], None: ["polite"]}
        assert told("ada", project) == (["short"], ["short", "long", "polite"])
