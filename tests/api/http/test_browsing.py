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
    save(rest, session_id, "2031-03-01T15:30:00Z", "2031-03-01T15:50:00Z", "2031-03-01T16:10:00Z")
    save(
        rest, f"{session_id} 2", "2031-03-01T23:00:00Z", "2031-03-02T01:00:00Z", project="/srv/mill"
    )
    range_ = {"from": "2031-03-01", "to": "2031-03-04"}
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
    save(rest, ids[0], "2032-05-01T10:00:00Z", "2032-05-03T10:00:00Z", project=session_id)
    save(rest, ids[1], "2032-05-02T09:00:00Z", "2032-05-02T21:00:00Z")
    save(rest, ids[2], "2032-05-02T10:00:00Z", project=session_id)
    save(rest, ids[3], "2032-05-02T11:00:00Z")

    def found(**params):
        page = get(rest, SESSIONS, **params)
        assert (page["total"], page["total_is_exact"]) == (len(page["sessions"]), True)
        return [int(one["session_id"][-1]) for one in page["sessions"]]

    may = {"from": "2032-05-01", "to": "2032-06-01"}
    assert found(**may) == [0, 1, 3, 2]
    assert found(**{"from": "2032-05-01", "to": "2032-05-03"}) == [1, 3, 2, 0]
    assert found(**{"from": "2032-05-02T10:30:00Z", "to": "2032-05-02T12:00:00Z"}) == [3]
    assert found(**may, project=session_id) == [0, 2]
    assert found(**may, project="another") == []
    assert found(**may, source="rest") == [0, 1, 3, 2]
    assert found(**may, source="tool") == []
    assert found(**may, author="nobody") == []
    [first, *_] = get(rest, SESSIONS, **may)["sessions"]
    assert first == {
        "session_id": ids[0],
        "memories": 2,
        "first_at": "2032-05-01T10:00:00Z",
        "last_at": "2032-05-03T10:00:00Z",
        "preview": "said at 2032-05-01T10:00:00Z",
        "project": session_id,
        "source": "rest",
        "metadata": {"project": session_id},
    }


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_list_is_left_through_by_the_cursors_that_led_into_it(rest, session_id, limit):
    """Sessions, a session and memories: each page back holds what it held."""
    when = {"from": "2033-01-01", "to": "2033-02-01"}
    name = f"{session_id} {limit}"
    for number in range(4):
        hour = 10 + number // 2  # pairs of equal times
        save(rest, f"{name} {number}", f"2033-01-0{limit}T{hour}:00:00Z", project=name)
    save(rest, name, *[f"2033-01-0{limit}T10:00:00Z"] * 5)
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
    ids = save(rest, session_id, *(f"2034-01-01T10:{minute}:00Z" for minute in range(10, 30)))
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
    [other] = save(rest, f"{session_id} 2", "2034-01-01T10:00:00Z")
    assert rest.get(path, params={"around": other}).status_code == 404


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        (ACTIVITY, {"from": "2030-01-01", "to": "2030-01-01"}, "from"),
        (ACTIVITY, {"from": "2020-01-01", "to": "2030-01-01"}, "from"),
        (ACTIVITY, {"timezone": "Mars/Base"}, "timezone"),
        (ACTIVITY, {"by": "hour"}, "by"),
        (ACTIVITY, {"group": "author"}, "group"),
        (SESSIONS, {"from": "2030-01-02", "to": "2030-01-01"}, "from"),
        (SESSIONS, {"to": "soon"}, "to"),
        (SESSIONS, {"from_": "2030-01-01"}, "from_"),
        (SESSIONS, {"project": " "}, "project"),
        (f"{SESSIONS}/any", {"around": "nonsense"}, "around"),
        (f"{SESSIONS}/any", {"around": "0" * 8, "cursor": "A" * 32}, "around"),
    ],
)
def test_what_cannot_be_browsed_is_refused_by_the_name_of_the_argument(rest, path, params, field):
    answer = rest.get(path, params=params)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["hint"]
