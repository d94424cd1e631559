"""What is erased, deleted by age, masked or exported is in the audit log."""

import hashlib

import pytest

from tests.support.backups import ask
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

pytestmark = pytest.mark.usefixtures("filled")
TEA = f"session:{hashlib.sha256(b'tea').hexdigest()[:16]}"

NOTHING = {"tokens": [], "users": []}


@pytest.fixture
def recorded(postgres_dsn):
    """Give the ids of the events of an action, the oldest first."""

    def read(action):
        found = "SELECT ids FROM sage.audit WHERE action = $1 ORDER BY at"
        return [ids for (ids,) in ask(postgres_dsn, found, action)]

    return read


@pytest.mark.parametrize(
    ("erased", "names", "removed"),
    [
        (("space", "erase", "team"), ["team"], {"tokens": ["ben"], "users": []}),
        (("erase", "--session", "tea", "--space", "team"), ["team", TEA], NOTHING),
        (("erase", "--author", "anna"), ["anna"], {"tokens": ["laptop"], "users": ["anna"]}),
        (("erase", "--author", "anna", "--space", "team"), ["team", "anna"], NOTHING),
    ],
)
def test_an_erasure_is_recorded_with_the_tokens_and_users_it_removes(
    sage, recorded, erased, names, removed
):
    answer = sage(*erased, "--yes", "--json").answer
    about = [[answer["erasure_id"], *names]]
    assert (recorded("begin_erasure"), recorded("end_erasure")) == (about, about)
    assert recorded("revoke_token") == [[name] for name in removed["tokens"]]
    assert recorded("remove_user") == [[name] for name in removed["users"]]
    assert answer["removed"] == removed


def test_it_is_said_which_tokens_were_deleted(sage):
    assert "tokens deleted: ben\n" in sage("space", "erase", "team", "--yes").out


def test_retention_is_recorded_and_what_it_deletes(sage, filled, recorded, postgres_dsn, tmp_path):
    ask(
        postgres_dsn,
        "UPDATE sage.memories SET created_at = now() - interval '2 years' WHERE session_id = 'tea'",
    )
    assert sage("space", "retention", "team", "365d", "--yes").code == 0
    with serving(settings_for(postgres_dsn, tmp_path / "data")):
        wait_for(lambda: recorded("delete_aged"))
    assert sage("space", "retention", "team", "off").code == 0
    assert recorded("set_retention") == [["team", "365d"], ["team", "off"]]
    (deleted,) = recorded("delete_aged")
    assert sorted(deleted) == sorted(str(one) for one in filled["team"][:3])


def test_a_scan_that_masks_is_recorded_with_what_it_changed(sage, filled, recorded, postgres_dsn):
    secret = "password = 'tr0ub4dor&3-horse-battery'"
    changed = filled["team"][0]
    update = "UPDATE sage.memories SET content = $1 WHERE memory_id = $2"
    ask(postgres_dsn, update, secret, changed)
    assert sage("scan").code == 0
    assert recorded("mask_secrets") == []
    assert sage("scan", "--write", "--yes").code == 0
    assert recorded("mask_secrets") == [[str(changed)]]


def test_an_export_is_recorded_with_what_was_chosen(sage, recorded):
    assert sage("export", "--author", "anna", "--space", "team").code == 0
    assert sage("export", "--author", "ben").code == 0
    assert sage("export").code == 0
    assert recorded("export") == [["team", "anna"], ["ben"], []]
