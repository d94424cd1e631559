"""Tokens in the database: what they open, and when they no longer open anything."""

from datetime import timedelta

import pytest

from sage.access.accounts.secrets import is_token, new_token
from sage.access.accounts.spaces import create_space, list_spaces, rename_space
from sage.access.accounts.tokens import (
    TokenGate,
    create_token,
    list_tokens,
    revoke_token,
    rotate_token,
)
from sage.access.accounts.users import add_user, list_users, remove_user
from sage.access.authorization import enter
from sage.domain.caller import SpaceRole
from sage.domain.text.masking.masked import masked
from sage.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError

READER, WRITER, OWNER = SpaceRole


@pytest.fixture
async def conn(database):
    async with database.across_spaces() as lent:
        await create_space(lent, "team")
        yield lent


@pytest.fixture
def gate(database):
    return TokenGate(database)


async def test_a_token_opens_its_spaces_the_first_by_default(conn, gate):
    token = await create_token(conn, {"team": READER, "default": OWNER}, name="laptop")
    shown = await gate.principal_of(token)
    assert enter(shown, None, READER).space_id == "team"
    assert enter(shown, "default", OWNER).author == "laptop"
    assert not shown.admin
    with pytest.raises(ForbiddenError):
        enter(shown, "team", WRITER)


async def test_the_token_of_a_machine_stays_one_whatever_it_is_replaced_by(conn, gate):
    first = await create_token(conn, {"team": WRITER}, name="laptop", of_machine=True)
    second = await rotate_token(conn, "laptop")
    assert await gate.principal_of(first) is None
    assert (await gate.principal_of(second)).of_machine
    changed = f"sage_{second.removeprefix('sage_mt_')}"
    assert is_token(changed)
    assert await gate.principal_of(changed) is None
    (listed,) = await list_tokens(conn)
    assert listed.opens == ("team:hooks",)
    assert second.startswith(listed.prefix)
    assert len(listed.prefix) == len("sage_mt_") + 6
    await create_token(conn, {"team": WRITER}, name="desk")
    assert not (await gate.principal_of(await rotate_token(conn, "desk"))).of_machine


async def test_a_machine_without_a_user_is_of_the_owner_in_the_default_space_alone(conn, gate):
    await add_user(conn, "anna")
    authors = {
        name: (
            await gate.principal_of(
                await create_token(conn, {space: WRITER}, name=name, user=user, of_machine=mine)
            )
        ).author
        for name, space, user, mine in (
            ("laptop", "default", None, True),
            ("desk", "team", None, True),
            ("phone", "default", "anna", True),
            ("script", "default", None, False),
        )
    }
    assert authors == {"laptop": None, "desk": "desk", "phone": "anna", "script": "script"}
    await add_user(conn, "laptop")  # nothing is saved under the name of that token
    with pytest.raises(ConflictError):
        await add_user(conn, "desk")


async def test_a_closed_space_and_one_that_does_not_exist_are_told_alike(conn, gate):
    shown = await gate.principal_of(await create_token(conn, {"team": OWNER}))
    told = []
    for space in ("default", "nowhere"):
        with pytest.raises(NotFoundError) as refused:
            enter(shown, space, READER)
        told.append(f"{refused.value.message} {refused.value.hint}".replace(space, ""))
    assert told[0] == told[1]


async def test_only_a_digest_of_a_token_is_stored(conn):
    token = await create_token(conn, {"team": READER})
    rows = [
        str(row)
        for table in ("tokens", "token_spaces")
        for row in await conn.fetch(f"SELECT t::text FROM sage.{table} AS t")
    ]
    assert len(rows) == 2
    assert token[12:] not in "".join(rows)
    (listed,) = await list_tokens(conn)
    assert (listed.name, listed.opens) == (token[:11], ("team:reader",))


async def test_revoked_rotated_and_expired_tokens_open_nothing(conn, gate):
    revoked = await create_token(conn, {"team": READER}, name="revoked")
    rotated = await create_token(conn, {"team": READER}, name="rotated")
    expired = await create_token(
        conn, {"team": READER}, name="expired", lifetime=timedelta(hours=1)
    )
    for token in (revoked, rotated, expired):
        assert await gate.principal_of(token) is not None
    await revoke_token(conn, "revoked")
    new = await rotate_token(conn, "rotated")
    await conn.execute("UPDATE sage.tokens SET expires_at = now() WHERE name = 'expired'")
    for token in (revoked, rotated, expired, new_token(), "sage_", "", "\x00", "s" * 100_000):
        assert await gate.principal_of(token) is None
    assert (await gate.principal_of(new)).author == "rotated"
    assert {one.name: one.is_expired for one in await list_tokens(conn)} == {
        "expired": True,
        "rotated": False,
    }


async def test_a_rotated_token_is_valid_for_as_long_as_before(conn):
    await create_token(conn, {"team": READER}, name="weekly", lifetime=timedelta(weeks=1))
    await conn.execute(
        "UPDATE sage.tokens SET created_at = now() - interval '8 days',"
        " expires_at = now() - interval '1 day'"
    )
    await rotate_token(conn, "weekly")
    (listed,) = await list_tokens(conn)
    assert listed.expires_at - listed.created_at == timedelta(weeks=1)
    assert not listed.is_expired


async def test_who_is_removed_loses_all_tokens_at_once(conn, gate):
    await add_user(conn, "anna")
    tokens = [await create_token(conn, {"team": WRITER}, user="anna") for _ in range(2)]
    other = await create_token(conn, {"team": WRITER}, name="other")
    assert {(await gate.principal_of(token)).author for token in tokens} == {"anna"}
    (anna,) = await list_users(conn)
    assert anna.tokens == 2
    assert anna.last_used_at is not None
    await remove_user(conn, "anna")
    assert [await gate.principal_of(token) for token in tokens] == [None, None]
    assert await gate.principal_of(other) is not None


async def test_the_last_use_is_recorded_once_a_minute(conn, gate):
    token = await create_token(conn, {"team": READER})
    await gate.principal_of(token)
    (first,) = await list_tokens(conn)
    await gate.principal_of(token)
    (second,) = await list_tokens(conn)
    assert first.last_used_at == second.last_used_at
    await conn.execute("UPDATE sage.tokens SET last_used_at = now() - interval '61 seconds'")
    await gate.principal_of(token)
    (third,) = await list_tokens(conn)
    assert third.last_used_at > first.last_used_at


async def test_a_renamed_space_keeps_its_memories_and_tokens(conn, gate):
    token = await create_token(conn, {"team": OWNER})
    await rename_space(conn, "team", "herons")
    shown = await gate.principal_of(token)
    assert enter(shown, "herons", OWNER).space_id == "team"
    assert [one.name for one in await list_spaces(conn)] == ["default", "herons"]
    for taken in ("team", "herons"):
        with pytest.raises(ConflictError):
            await create_space(conn, taken)
    with pytest.raises(ConflictError):
        await rename_space(conn, "default", "team")
    await rename_space(conn, "herons", "team")


async def test_what_is_wrong_with_a_token_is_said_before_it_is_made(conn):
    await create_token(conn, {"team": READER}, name="laptop")
    for error, wrong in (
        (InvalidInputError, {"roles": {}}),
        (NotFoundError, {"roles": {"nowhere": READER}}),
        (NotFoundError, {"roles": {"team": READER}, "user": "nobody"}),
        (ConflictError, {"roles": {"team": READER}, "name": "laptop"}),
        (InvalidInputError, {"roles": {"team": READER}, "name": "a b"}),
    ):
        with pytest.raises(error) as refused:
            await create_token(conn, **wrong)
        assert refused.value.hint
    assert len(await list_tokens(conn)) == 1


def test_a_token_is_told_from_other_texts_and_masked_in_memories():
    token = new_token()
    assert is_token(token)
    assert len({new_token() for _ in range(100)}) == 100
    assert not is_token(token[:-1] + ("a" if token[-1] != "a" else "b"))
    for kept in (token, *(new_token(f"sage_{kind}_") for kind in ("at", "rt", "mt"))):
        assert masked(f"my token is {kept}, keep it") == "my token is [masked], keep it"
