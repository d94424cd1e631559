"""Database objects that see how PostgreSQL plans the checks of foreign keys."""

from __future__ import annotations

_FUNCTION = """
    CREATE FUNCTION see_planning() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        ASSERT current_setting('plan_cache_mode') = 'force_generic_plan';
        RETURN NULL;
    END $$
"""


def refusing_plans_for_each_row(event: str) -> tuple[str, str]:
    """Return statements after which an INSERT or a DELETE of memories fails unless planned once."""
    trigger = (
        f"CREATE TRIGGER seen AFTER {event} ON sage.memories"
        " FOR EACH ROW EXECUTE FUNCTION see_planning()"
    )
    return _FUNCTION, trigger
