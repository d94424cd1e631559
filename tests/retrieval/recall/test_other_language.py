"""A question is told what stands out of what people stated in the other language."""

# ruff: noqa: RUF001 - Chinese marks

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest

from sage.domain.memories import Role
from sage.domain.searching import Hit
from sage.retrieval.recall.other_language import (
    OtherLanguageStatements,
    nearest_in_other_language,
    with_updates,
)
from sage.retrieval.recall.prompt_recall import select_for_prompt

WHICH = "Which server is the cache?"
OLD, NEW = "缓存服务器是 redis-1。", "缓存服务器换成 redis-3 了。"
OTHER = {"前端由王芳负责。": 0.2, "发布在周四下午三点。": 0.16}
FIRST = datetime(2026, 6, 1, tzinfo=UTC)


def hit(content, day=0, likelihood=0.0):
    at = FIRST + timedelta(days=day)
    return Hit(uuid4(), "s", Role.USER, None, content, at, None, likelihood, 0.5, {})


def foreign(stated, own=0.2):
    hits = [hit(content, day) for day, content in enumerate(stated)]
    return OtherLanguageStatements(hits, {one.memory_id: stated[one.content] for one in hits}, own)


def told(question, stated, own=0.2):
    known = foreign(stated, own)
    near = nearest_in_other_language(question, known)
    return [one.content for one in with_updates(question, near, known)]


def test_what_is_near_is_told_where_it_stands_out():
    assert told(WHICH, {OLD: 0.45} | OTHER) == [OLD]
    assert told("What of the cache?", {OLD: 0.25} | OTHER) == []
    assert told(WHICH, {OLD: 0.45} | OTHER, own=0.65) == []
    assert told("What of the cache?", {OLD: 0.45} | dict.fromkeys(OTHER, 0.44)) == []
    assert told(WHICH, {}) == []


def test_two_are_told_that_are_as_near():
    second = "缓存服务器也叫 redis-2。"
    assert told(WHICH, {OLD: 0.45, second: 0.44} | OTHER) == [OLD, second]


def test_what_holds_now_is_told_in_place_of_what_it_replaced():
    other = {"消息服务器换成 rabbit-2 了。": 0.2} | OTHER
    stated = foreign({OLD: 0.45, NEW: 0.3} | other)
    old, new, *_ = stated.hits
    for prompt in (WHICH, "Restart the cache."):
        assert select_for_prompt(
            prompt, [replace(old, probability=0.9)], other_language=stated
        ) == [new]
    assert with_updates("Why is redis-1 slow?", [old], stated) == [old]
    assert told(WHICH, {OLD: 0.45} | other) == [OLD]


def test_a_thing_of_the_kind_that_is_asked_for_and_a_name_written_alike_count():
    port = "支付网关监听9444端口。"
    assert told("Which port does the gateway use?", {port: 0.2, "网关由王芳负责。": 0.3}) == [port]
    name = "Grafana 在新机房。"
    assert told("Where is Grafana?", {name: 0.22, "发布在周四下午三点。": 0.28}) == [name]


def test_questions_and_tasks_in_the_other_language_are_not_told():
    assert told(WHICH, {"缓存服务器是哪台？": 0.6, "修一下缓存服务器": 0.6} | OTHER) == []


def test_it_is_told_behind_what_is_unsure_to_a_question_alone():
    stated = foreign({OLD: 0.45} | OTHER)
    near, sure = hit("The cache is warm.", likelihood=0.4), hit("It is c1.", likelihood=0.9)

    def with_hits(prompt, *hits):
        return [one.content for one in select_for_prompt(prompt, hits, other_language=stated)]

    assert with_hits(WHICH, near) == [near.content, OLD]
    assert with_hits(WHICH, sure) == [sure.content]
    named = hit("The cache is on the server c1.", likelihood=0.4)
    assert with_hits(WHICH, named) == [named.content], "it is what was asked for"
    assert with_hits("Restart the cache server.") == []


def test_what_is_compared_in_the_own_language_are_the_statements_of_people(session, evidence_of):
    session.turn(cosine=0.9).turn(cosine=0.8, role="assistant").turn(cosine=0.7, class_code=1)
    session.turn(cosine=0.6, is_candidate=False).turn(cosine=0.3).turn()
    evidence = evidence_of(session)
    assert evidence.nearest_in_own_language == 0
    is_foreign = np.array([True, *[False] * 5])
    evidence = replace(evidence, debiased=evidence, other_language=is_foreign)
    assert evidence.nearest_in_own_language == pytest.approx(0.3)
