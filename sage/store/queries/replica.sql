-- name: primary_position
-- Tell how far the log has been written; all that was committed lies before it.
SELECT pg_current_wal_lsn()::text;

-- name: replica_progress
-- Tell whether this server replays the log of another one, and how far that is from a position.
SELECT
    pg_is_in_recovery() AS is_replica,
    coalesce(greatest(pg_wal_lsn_diff($1::text::pg_lsn, pg_last_wal_replay_lsn()), 0), 0)::bigint
        AS bytes_behind,
    coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)::float8
        AS replayed_s_ago;
