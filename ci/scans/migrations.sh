# shellcheck shell=bash
# Migrations that would lock or lose: squawk.

scan() {
    squawk --config "$SCANS/squawk.toml" sage/store/migrations/*.sql sage/store/earlier/*.sql ||
        return 1
}

plant_dropped_column() {
    echo 'ALTER TABLE memories DROP COLUMN content;' >sage/store/migrations/9998_planted.sql
    echo ban-drop-column
}

plant_rewritten_table() {
    echo 'ALTER TABLE memories ALTER COLUMN content TYPE bytea;' \
        >sage/store/migrations/9999_planted.sql
    echo changing-column-type
}
