"""`sage space masking`: whether secrets are masked in what is saved in a space."""

import json

import httpx
import pytest

from tests.support.planted_secrets import TOKENS, Maker
from tests.support.serving import serving, settings_for

TOKEN = TOKENS["GitHub token"](Maker(5))


@pytest.fixture
def spaces(here, postgres_dsn, tmp_path):
    """Run the command line beside a server; give it, and what saves a secret there."""
    assert here("space", "create", "team").code == 0
    made = here("token", "create", "--space", "team", "--space", "default").out.strip()
    settings = settings_for(postgres_dsn, tmp_path / "served", token="t" * 40)
    with serving(settings) as url:
        count = iter(range(100))

        def save(space="team"):
            turn = {"user_prompt": f"{next(count)}: {TOKEN}", "assistant_response": "Noted."}
            answer = httpx.post(
                f"{url}/api/v1/conversations",
                headers={"authorization": f"Bearer {made}"},
                json=turn | {"space": space},
                timeout=30,
            )
            assert answer.status_code == 200, answer.text
            return answer.json()

        yield here, save


def said_in(here, space):
    lines = here("export", "--space", space).out.splitlines()
    return [json.loads(line)["content"] for line in lines if ": " in json.loads(line)["content"]]


def test_masking_is_switched_for_one_space_and_at_once_in_a_server_that_runs(spaces):
    here, save = spaces
    assert save()["masked"]
    assert here("space", "masking", "team", "off").code == 0
    for _ in range(2):
        assert not save().get("masked")
    assert save("default")["masked"]
    assert here("space", "masking", "team", "on").code == 0
    assert save()["masked"]
    assert [TOKEN in one for one in said_in(here, "team")] == [False, True, True, False]
    assert [TOKEN in one for one in said_in(here, "default")] == [False]


def test_a_space_may_mask_where_the_server_does_not(here, monkeypatch, tmp_path):
    monkeypatch.setenv("SAGE_MASK_SECRETS", "false")
    assert here("space", "create", "team").code == 0
    assert here("space", "masking", "team", "on").code == 0
    file = tmp_path / "memories.jsonl"
    line = {"session_id": "s", "role": "user", "content": f"imported: {TOKEN}"}
    for number, space in enumerate(("team", "default")):
        said = line | {"memory_id": f"00000000-0000-0000-0000-00000000000{number}", "space": space}
        file.write_text(json.dumps(said))
        assert here("import", file).code == 0
        assert here("save", f"saved: {TOKEN}", "Noted.", "--space", space).code == 0
    assert [TOKEN in one for one in said_in(here, "team")] == [False, False]
    assert [TOKEN in one for one in said_in(here, "default")] == [True, True]
    assert here("space", "masking", "team", "default").code == 0
    assert here("save", f"again: {TOKEN}", "Noted.", "--space", "team").code == 0
    assert f"again: {TOKEN}" in said_in(here, "team")


def test_masking_is_listed_recorded_and_refused_for_what_is_no_space(here):
    assert here("space", "create", "team").code == 0
    assert here("space", "masking", "team", "off").code == 0
    listed = {
        one["name"]: one["masking"] for one in json.loads(here("space", "list", "--json").out)
    }
    assert listed == {"default": "default", "team": "off"}
    assert "off" in here("space", "list").out
    (event,) = json.loads(here("audit", "--action", "set_masking", "--json").out)
    assert event["ids"] == ["team", "off"]
    unknown = here("space", "masking", "nowhere", "off")
    assert (unknown.code, unknown.out) == (1, "")
    assert "space 'nowhere' does not exist" in unknown.err
    assert here("space", "masking", "team", "sometimes").code == 2
