"""The pages that show how Sage is, and who may open what."""

import re
from dataclasses import replace

import pytest

from sage.domain.health import Status
from sage.errors import StoreError
from tests.console.conftest import OWN
from tests.support.asgi import StandInHealth, StandInMemory, app_with, caller
from tests.support.each import each
from tests.support.polling import wait_for

CHANGES = ("spaces", "users", "users/remove", "tokens", "tokens/rotate", "tokens/revoke")


def said(page):
    """Return the text of a page in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


def change(client, what, **form):
    """Send a form of the page of access."""
    return client.post(f"/system/access/{what}", data=form, headers=OWN)


@pytest.fixture
def forgotten(paged):
    """Remove what a test creates: tokens and users whose names begin with `new-`."""
    yield
    for kind in ("tokens", "users"):
        listed = paged.request("server", "GET", f"/api/v1/{kind}").json()[kind]
        for one in listed:
            if one["name"].startswith("new-"):
                paged.request("server", "DELETE", f"/api/v1/{kind}/{one['name']}")


def test_how_sage_is_stands_in_one_sentence_and_each_part_with_what_to_do(browser):
    client = browser("server")
    client.get("/", params={"q": "heron"})
    page = client.get("/system")
    shown = said(page)
    assert re.search(r"Everything works\.|\d+ of \d+ parts needs? a look\.", shown)
    for part in ("Database", "Embedding model", "Queue", "Backups", "The embedding model"):
        assert part in shown
    states = re.findall(r'class="status"><span class="dot (\w*)"', page.text)
    assert states == sorted(states, key=["bad", "wait", ""].index)
    assert "search_memory p50 " in shown
    assert re.search(r'<rect class="full" x="[\d.]+%" width="[\d.]+%"', page.text)
    assert "style=" not in page.text


def test_an_owner_is_shown_what_concerns_their_space_and_no_more(browser):
    shown = said(browser("owner").get("/system"))
    assert "Queue" in shown
    for hidden in ("Disk free", "Latency", "Backups", "Capture"):
        assert hidden not in shown


@each("who", ("reader", "writer"))
def test_who_manages_nothing_is_shown_no_way_there_and_gets_403(browser, who):
    client = browser(who)
    assert "/system" not in client.get("/").text
    for path in ("/system", "/system/access", "/system/audit"):
        assert client.get(path).status_code == 403, path
    for what in (*CHANGES, "apps/revoke"):
        refused = change(client, what, name="reader", space="team", role="owner")
        assert refused.status_code == 403, what
        assert 'href="/system/access"' in refused.text  # where to try again


@pytest.mark.usefixtures("forgotten")
def test_the_secret_of_a_token_is_shown_once_and_a_rotated_one_opens_nothing(browser, paged):
    owner = browser("owner")
    made = change(owner, "tokens", space="team", role="reader", name="new-one", expires="30d")
    secret = re.search(r"sage_\w+", made.text)[0]
    assert made.headers["cache-control"] == "no-store"
    assert "new-one" in owner.get("/system/access").text
    assert secret not in owner.get("/system/access").text
    paged.tokens["made"] = secret
    grants = paged.request("made", "GET", "/api/v1/me").json()["spaces"]
    assert [(one["name"], one["role"]) for one in grants] == [("team", "reader")]
    rotated = re.search(r"sage_\w+", change(owner, "tokens/rotate", name="new-one").text)[0]
    assert rotated != secret
    assert paged.request("made", "GET", "/api/v1/me").status_code == 401
    assert change(owner, "tokens/revoke", name="new-one").status_code == 303
    assert "new-one" not in owner.get("/system/access").text


@pytest.mark.usefixtures("forgotten")
def test_nobody_hands_on_by_a_form_what_they_do_not_have(browser):
    owner = browser("owner")
    page = owner.get("/system/access").text
    assert "/system/access/users" not in page
    assert 'action="/system/access/spaces"' not in page
    assert "foreign" not in page
    assert change(owner, "tokens", space="private", role="reader").status_code == 404
    assert change(owner, "tokens/revoke", name="foreign").status_code == 404
    assert change(owner, "spaces", name="pond").status_code == 403
    assert change(owner, "users", name="new-otto").status_code == 403


@pytest.mark.usefixtures("forgotten")
def test_who_manages_the_server_adds_and_removes_users_with_their_tokens(browser):
    server = browser("server")
    assert change(server, "users", name="new-otto").status_code == 303
    assert change(server, "users", name="new-otto").status_code == 409
    made = change(server, "tokens", space="team", role="writer", user="new-otto", name="new-two")
    assert made.status_code == 200
    assert "new-two" in server.get("/system/access").text
    assert change(server, "users/remove", name="new-otto").status_code == 303
    assert "new-" not in server.get("/system/access").text.partition("<main")[2]


def test_a_form_of_another_page_manages_nothing(browser):
    server = browser("server")
    for what in CHANGES:
        headers = {"sec-fetch-site": "cross-site"}
        answer = server.post(f"/system/access/{what}", data={"name": "x"}, headers=headers)
        assert answer.status_code == 403, what


def test_the_audit_log_is_read_page_by_page_and_narrowed(browser):
    browser("reader").get("/", params={"q": "heron"})
    owner = browser("owner")
    chosen = {"token": "reader", "action": "search_memory"}
    wait_for(lambda: "<tbody>" in owner.get("/system/audit", params=chosen).text, 20)
    table = owner.get("/system/audit", params=chosen).text.partition("<tbody>")[2]
    assert set(re.findall(r"<code>(\w+)</code>", table)) == {"search_memory"}
    assert "foreign" not in owner.get("/system/audit").text
    assert "No matches" in owner.get("/system/audit", params={"token": "nobody"}).text
    assert owner.get("/system/audit", params={"since": "whenever"}).status_code == 422
    assert owner.get("/system/audit", params={"space": "private"}).status_code == 404
    for path, name in (("audit", "user"), ("access", "find"), ("access/erase", "author")):
        asked = {"space": "team", name: "a\0b"} if name == "author" else {name: "a\0b"}
        refused = owner.get(f"/system/{path}", params=asked)
        assert (refused.status_code, f"{name} contains" in refused.text) == (422, True), path


class Away:
    """Stands for a database that does not answer."""

    def across_spaces(self):
        raise StoreError("the database is away")


class HealthWithMachine(StandInHealth):
    """Reports the machine, too."""

    async def detailed(self):
        system = {"disk": {"free_bytes": 1.0}, "memory": {"sage_rss_bytes": 2.0}}
        return replace(await super().detailed(), system=system)


async def test_with_the_database_away_the_page_tells_what_is_known(tmp_path):
    app = app_with(tmp_path, pages=True)
    services = app.state.services
    services.health = HealthWithMachine(Status.UNHEALTHY)
    services.memory = StandInMemory(StoreError("the database is away"))
    services.database = Away()
    async with caller(app) as client:
        page = await client.get("/system")
    assert page.status_code == 503
    assert "1 of 1 components needs attention." in page.text
    assert "cannot be read now" in page.text
    assert "Not responding" in page.text
