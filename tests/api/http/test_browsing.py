"""Days and conversations over REST, by a calendar, filters and cursors."""

import pytest

ACTIVITY, SESSIONS = "/api/v1/activity", "/api/v1/sessions"


def save(rest, session_id, *times, project=None):
    messages = [
        {"role": "user", "content": f"said at {when}", "created_at": when} for when in times
    ]
    body = {"messages": messages, "session_id": session_id}
    if project:
        body["metadata"] = {"project": project}
    answer = rest.post("/api/v1/conversations", json=body)
    assert answer.status_code == 200
    return answer.json()["memory_ids"]


def get(rest, path, **params):
    answer = rest.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_day_counts_what_was_said_on_it_in_the_zone_of_the_reader(rest, session_id):
    """A conversation that goes on past midnight there is counted on both days."""
    save(rest, session_id, "2011-03-01T15:30:00Z", "2011-03-01T15:50:00Z", "2011-03-01T16:10:00Z")
    save(
        rest, f"{session_id} 2", "2011-03-01T23:00:00Z", "2011-03-02T01:00:00Z", project="/srv/mill"
    )
    range_ = {"from": "2011-03-01", "to": "2011-03-04"}
    counts = {
        (zone, group): [
            (one["day"][-2:], one["memories"], one["sessions"], one.get("group"))
            for one in get(rest, ACTIVITY, timezone=zone, **range_, **by)["counts"]
        ]
        for zone in ("UTC", "Asia/Shanghai")
        for group, by in (
            ("", {}),
            ("client", {"group": "client"}),
            ("project", {"group": "project"}),
        )
    }
    assert counts == {
        ("UTC", ""): [("01", 4, 2, None), ("02", 1, 1, None)],
        ("UTC", "client"): [("01", 4, 2, "rest"), ("02", 1, 1, "rest")],
        ("UTC", "project"): [
            ("01", 3, 1, None),
            ("01", 1, 1, "/srv/mill"),
            ("02", 1, 1, "/srv/mill"),
        ],
        ("Asia/Shanghai", ""): [("01", 2, 1, None), ("02", 3, 2, None)],
        ("Asia/Shanghai", "client"): [("01", 2, 1, "rest"), ("02", 3, 2, "rest")],
        ("Asia/Shanghai", "project"): [
            *(("01", 2, 1, None), ("02", 2, 1, "/srv/mill"), ("02", 1, 1, None)),
        ],
    }


def test_the_conversations_of_a_day_or_project_are_listed_with_what_they_are(rest, session_id):
    ids = [f"{session_id} {number}" for number in range(4)]
    save(rest, ids[0], "2012-05-01T10:00:00Z", "2012-05-03T10:00:00Z", project=session_id)
    save(rest, ids[1], "2012-05-02T09:00:00Z", "2012-05-02T21:00:00Z")
    save(rest, ids[2], "2012-05-02T10:00:00Z", project=session_id)
    save(rest, ids[3], "2012-05-02T11:00:00Z")

    def found(**params):
        page = get(rest, SESSIONS, **params)
        assert (page["total"], page["total_is_exact"]) == (len(page["sessions"]), True)
        return [int(one["session_id"][-1]) for one in page["sessions"]]

    may = {"from": "2012-05-01", "to": "2012-06-01"}
    assert found(**may) == [0, 1, 3, 2]
    assert found(**{"from": "2012-05-01", "to": "2012-05-03"}) == [1, 3, 2, 0]
    assert found(**{"from": "2012-05-02T10:30:00Z", "to": "2012-05-02T12:00:00Z"}) == [3]
    assert found(**may, project=session_id) == [0, 2]
    assert found(**may, project="another") == []
    assert found(**may, source="rest") == [0, 1, 3, 2]
    assert found(**may, source="tool") == []
    assert found(**may, author="nobody") == []
    [first, *_] = get(rest, SESSIONS, **may)["sessions"]
    assert first == {
        "session_id": ids[0],
        "memories": 2,
        "first_at": "2012-05-01T10:00:00Z",
        "last_at": "2012-05-03T10:00:00Z",
        "preview": "said at 2012-05-01T10:00:00Z",
        "project": session_id,
        "source": "rest",
        "metadata": {"project": session_id},
    }


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_list_is_left_through_by_the_cursors_that_led_into_it(rest, session_id, limit):
    """Sessions, a session and memories: each page back holds what it held."""
    when = {"from": "2013-01-01", "to": "2013-02-01"}
    name = f"{session_id} {limit}"
    for number in range(4):
        hour = 10 + number // 2  # pairs of equal times
        save(rest, f"{name} {number}", f"2013-01-0{limit}T{hour}:00:00Z", project=name)
    save(rest, name, *[f"2013-01-0{limit}T10:00:00Z"] * 5)
    for path, kind, params in (
        (SESSIONS, "sessions", {**when, "project": name}),
        (f"{SESSIONS}/{name}", "memories", {}),
    ):
        params["limit"] = limit
        pages, page = [], get(rest, path, **params)
        assert page["previous_cursor"] is None
        while page["next_cursor"]:
            pages.append(page[kind])
            page = get(rest, path, **params, cursor=page["next_cursor"])
        assert sum(map(len, pages)) + len(page[kind]) == page["total"]
        while page["previous_cursor"]:
            page = get(rest, path, **params, cursor=page["previous_cursor"])
            assert page[kind] == pages.pop()
        assert pages == []
    newest = get(rest, "/api/v1/memories", limit=limit)
    after = get(rest, "/api/v1/memories", limit=limit, cursor=newest["next_cursor"])
    back = get(rest, "/api/v1/memories", limit=limit, cursor=after["previous_cursor"])
    assert back["memories"] == newest["memories"]


def test_a_conversation_is_opened_around_a_message(rest, session_id):
    ids = save(rest, session_id, *(f"2014-01-01T10:{minute}:00Z" for minute in range(10, 30)))
    path = f"{SESSIONS}/{session_id}"
    for place, first in ((10, 8), (0, 0), (1, 0), (19, 17)):
        for named in (ids[place], ids[place][-8:]):
            page = get(rest, path, around=named, limit=5)
            shown = [one["memory_id"] for one in page["memories"]]
            assert shown == ids[first : first + 5]
            assert (page["total"], page["previous_cursor"] is None) == (20, first == 0)
    middle = get(rest, path, around=ids[10], limit=5)
    before = get(rest, path, cursor=middle["previous_cursor"], limit=5)
    assert [one["memory_id"] for one in before["memories"]] == ids[3:8]
    [other] = save(rest, f"{session_id} 2", "2014-01-01T10:00:00Z")
    assert rest.get(path, params={"around": other}).status_code == 404


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        (ACTIVITY, {"from": "2010-01-01", "to": "2010-01-01"}, "from"),
        (ACTIVITY, {"from": "2020-01-01", "to": "2010-01-01"}, "from"),
        (ACTIVITY, {"timezone": "Mars/Base"}, "timezone"),
        (ACTIVITY, {"by": "hour"}, "by"),
        (ACTIVITY, {"group": "author"}, "group"),
        (SESSIONS, {"from": "2010-01-02", "to": "2010-01-01"}, "from"),
        (SESSIONS, {"to": "soon"}, "to"),
        (SESSIONS, {"from_": "2010-01-01"}, "from_"),
        (SESSIONS, {"project": " "}, "project"),
        ("/api/v1/memories", {"order": "size"}, "order"),
        ("/api/v1/memories", {"kept_from": "yesterday"}, "order"),
        (f"{SESSIONS}/any", {"around": "nonsense"}, "around"),
        (f"{SESSIONS}/any", {"around": "0" * 8, "cursor": "A" * 32}, "around"),
    ],
)
def test_what_cannot_be_browsed_is_refused_by_the_name_of_the_argument(rest, path, params, field):
    answer = rest.get(path, params=params)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["hint"]


def test_memories_are_listed_as_they_arrived_whenever_they_were_said(rest, session_id):
    old = save(rest, session_id, "2009-01-01T10:00:00Z", "2009-01-01T11:00:00Z")
    new = save(rest, f"{session_id} 2", "2015-01-01T10:00:00Z")
    older = save(rest, session_id, "2008-01-01T10:00:00Z")
    path, kept = "/api/v1/memories", {"order": "kept", "limit": 2}
    first = get(rest, path, **kept)
    assert [one["memory_id"] for one in first["memories"]] == [*older, *new]
    second = get(rest, path, **kept, cursor=first["next_cursor"])
    assert [one["memory_id"] for one in second["memories"]] == old[::-1]
    back = get(rest, path, **kept, cursor=second["previous_cursor"])
    assert back["memories"] == first["memories"]
    times = [one["kept_at"] for one in (*first["memories"], *second["memories"])]
    assert times == sorted(times, reverse=True)
    within = get(rest, path, order="kept", kept_from=times[2], kept_to=times[1])
    assert [one["memory_id"] for one in within["memories"]] == old[::-1]
    assert get(rest, f"{path}/{old[0]}")["kept_at"] == times[3]


def test_a_correction_takes_over_who_said_it_where_and_when(rest, session_id):
    message = {"role": "assistant", "name": "Anna", "content": "The class is on Friday."}
    body = {
        "messages": [message | {"created_at": "2016-01-01T10:00:00Z"}],
        "session_id": session_id,
    }
    saved = rest.post(
        "/api/v1/conversations", json=body | {"metadata": {"project": "spring"}}
    ).json()
    [wrong] = saved["memory_ids"]
    path, right = f"/api/v1/memories/{wrong[-8:]}/correct", {"content": "The class is on Monday."}
    receipt = rest.post(path, json=right).json()
    assert (receipt["saved"], receipt["session_id"]) == (True, session_id)
    assert rest.post(path, json=right).json() | {"indexed": "ready"} == receipt | {
        "saved": False,
        "indexed": "ready",
    }
    old = get(rest, f"/api/v1/memories/{wrong}")
    new = get(rest, f"/api/v1/memories/{receipt['memory_ids'][0]}")
    assert old.pop("superseded_at")
    assert new.pop("kept_at") > old.pop("kept_at")
    assert old.pop("superseded_by") == receipt["memory_ids"]
    assert new.pop("replaces") == [wrong]
    old.pop("embedded"), new.pop("embedded")
    assert new == old | {"memory_id": receipt["memory_ids"][0], "content": right["content"]}
    assert rest.post(f"/api/v1/memories/{'0' * 8}/correct", json=right).status_code == 404
    refused = rest.post(path, json={"content": " "})
    assert (refused.status_code, refused.json()["field"]) == (422, "content")


def test_what_was_forgotten_is_listed_until_it_is_brought_back(rest, session_id):
    [first], [second] = (save(rest, session_id, f"2017-01-0{day}T10:00:00Z") for day in (1, 2))
    for memory_id in (second, first):
        assert (
            rest.post("/api/v1/forget", json={"memory_ids": [memory_id]}).json()["forgotten"] == 1
        )
    path = "/api/v1/forgotten"
    [latest], cursor = get(rest, path, limit=1).values()
    [earlier, *_] = get(rest, path, limit=1, cursor=cursor)["memories"]
    assert [latest["memory_id"], earlier["memory_id"]] == [first, second]
    assert latest["preview"] == "said at 2017-01-01T10:00:00Z"
    assert latest["forgotten_at"][:4] < latest["restorable_until"]
    assert rest.get(path, params={"cursor": "-" + cursor}).status_code == 422
    rest.post("/api/v1/forget", json={"memory_ids": [first], "undo": True})
    assert first not in [one["memory_id"] for one in get(rest, path)["memories"]]
