"""Lists to look through and forget from, and what is forgotten, over REST."""

TIDY = "/api/v1/tidy"
CORRECTED = "/api/v1/memories/{}/correct"


def save(rest, session_id, *said, role="user", **more):
    messages = [{"role": role, "content": text} for text in said]
    body = {"messages": messages, "session_id": session_id, **more}
    answer = rest.post("/api/v1/conversations", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["memory_ids"]


def listed(rest, kind, **params):
    answer = rest.get(f"{TIDY}/{kind}", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def group_with(page, memory_id):
    """Return the memories of the group that holds one, each with whether it is suggested."""
    for group in page["groups"]:
        found = {one["memory_id"]: one["suggested"] for one in group["memories"]}
        if memory_id in found:
            return found
    return None


def test_equal_texts_of_one_speaker_are_listed_and_the_newest_stays(rest, session_id):
    fact = f"The weir gate {session_id} opens by hand."
    old, middle = (save(rest, f"{session_id} {number}", fact)[0] for number in range(2))
    [new, other] = save(rest, session_id, fact, f"The weir gate {session_id} opens by motor.")
    [said_by_another] = save(rest, f"{session_id} 3", fact, role="assistant")
    page = listed(rest, "duplicates")
    assert group_with(page, new) == {new: False, middle: True, old: True}
    assert group_with(page, other) is None
    assert group_with(page, said_by_another) is None
    assert page["looked_at"] <= page["total"] + 5
    assert page["next_cursor"] is None
    rest.post("/api/v1/forget", json={"memory_ids": [middle, old]})
    assert group_with(listed(rest, "duplicates"), new) is None


def test_of_equal_texts_those_stay_that_replace_another(rest, session_id):
    fact = f"The sluice {session_id} is rented from Brandt & Moor."
    [wrong] = save(rest, f"{session_id} 1", f"The sluice {session_id} is rented from Moor.")
    [right] = rest.post(CORRECTED.format(wrong), json={"content": fact}).json()["memory_ids"]
    [again] = save(rest, f"{session_id} 2", fact)
    assert group_with(listed(rest, "duplicates"), right) == {right: False, again: True}


def test_pages_of_equal_texts_go_on_and_each_group_stands_on_one(rest, session_id):
    facts = [f"Mooring {number} of {session_id} is taken." for number in range(5)]
    for number in range(3):
        save(rest, f"{session_id} {number}", *facts)
    seen, cursor = [], None
    while True:
        page = listed(rest, "duplicates", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [
            group["memories"][0]["preview"]
            for group in page["groups"]
            if session_id in group["memories"][0]["preview"]
        ]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(facts)


def test_what_only_asks_or_has_no_answer_is_no_duplicate(rest, session_id):
    ids = []
    for number in range(2):
        ids += save(rest, f"{session_id} {number}", "Which port is it?")
        ids += save(rest, f"{session_id} {number}", "I do not know.", role="assistant")
    page = listed(rest, "duplicates")
    assert [one for one in ids if group_with(page, one)] == []


def test_what_was_replaced_stands_beside_what_holds_now(rest, session_id):
    [first] = save(rest, session_id, f"The pump {session_id} runs at 40 bar.")
    [second] = rest.post(
        CORRECTED.format(first), json={"content": f"The pump {session_id} runs at 45 bar."}
    ).json()["memory_ids"]
    [third] = rest.post(
        CORRECTED.format(second), json={"content": f"The pump {session_id} runs at 50 bar."}
    ).json()["memory_ids"]
    page = listed(rest, "superseded")
    assert group_with(page, second) == {second: True, third: False}
    assert group_with(page, first) == {first: True, third: False}
    rest.post("/api/v1/forget", json={"memory_ids": [second]})
    assert group_with(listed(rest, "superseded"), first) == {first: True, third: False}
    rest.post("/api/v1/forget", json={"memory_ids": [third]})
    assert group_with(listed(rest, "superseded"), first) is None


def test_conversations_without_a_user_are_listed(rest, session_id):
    save(rest, f"{session_id} tools", "Build passed.", "Deploy done.", role="tool")
    save(rest, f"{session_id} user", "Is the build green?")
    page = listed(rest, "tool-sessions")
    found = {one["session_id"]: one for one in page["sessions"]}
    assert f"{session_id} user" not in found
    assert found[f"{session_id} tools"]["memories"] == 2
    assert found[f"{session_id} tools"]["preview"] == "Build passed."


def test_a_wrong_kind_or_cursor_is_refused_with_a_hint(rest):
    for path, field in (("attic", "kind"), ("duplicates?cursor=x", "cursor")):
        refused = rest.get(f"{TIDY}/{path}")
        assert refused.status_code == 422
        assert refused.json()["field"] == field
        assert refused.json()["hint"]


def test_what_is_forgotten_is_found_by_when_and_of_which_conversation(rest, session_id):
    ids = save(rest, session_id, "The buoy is red.", "The buoy is green.", "The buoy is gone.")
    others = save(rest, f"{session_id} 2", "The lamp is lit.")
    rest.post("/api/v1/forget", json={"memory_ids": ids[:1]})
    [first] = rest.get("/api/v1/forgotten", params={"session_id": session_id}).json()["memories"]
    rest.post("/api/v1/forget", json={"session_id": session_id})
    rest.post("/api/v1/forget", json={"memory_ids": others})

    def found(**params):
        page = rest.get("/api/v1/forgotten", params=params).json()
        return [one["memory_id"] for one in page["memories"]], page["next_cursor"]

    assert set(found(session_id=session_id)[0]) == set(ids)
    latest, cursor = found(session_id=session_id, limit=2)
    assert set(latest) == set(ids[1:])
    assert found(session_id=session_id, limit=2, cursor=cursor) == ([ids[0]], None)
    assert found(session_id=session_id, to=first["forgotten_at"])[0] == []
    assert others[0] in found(**{"from": first["forgotten_at"]})[0]
    assert found(by="nobody") == ([], None)
    wrong = rest.get("/api/v1/forgotten", params={"from": "2026-01-02", "to": "2026-01-01"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "from")
