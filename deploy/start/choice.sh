# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# With Docker or with an embedded PostgreSQL: the choice when the command line leaves it open.
#
# Data is never left behind: where one of the two has some, that one is taken, and a start that finds
# neither what it used before nor a way to it fails instead of beginning anew.

holds_embedded_data() { [ -e "$data_dir/postgres/PG_VERSION" ]; }

embedded_runs() {
    local pid
    pid=$(cat "$data_dir/sage.pid" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

settings_without_docker() { # say which setting only counts without Docker
    local name
    for name in DATABASE_URL DB_HOST SAGE_DATA_DIR SAGE_CONFIG; do
        [ -z "$(setting "$name")$(setting "${name}_FILE")" ] || { printf '%s' "$name" && return; }
    done
    [ ! -e sage.toml ] || { printf 'sage.toml' && return; }
    [ ! -e "$data_dir/sage.toml" ] || printf '%s' "$data_dir/sage.toml"
}

choose() { # set kind, and say in a line which it is, why, and how to have the other
    local name why
    name=$(settings_without_docker)
    if [ -n "$name" ]; then
        kind=embedded
        case $name in
            DATABASE_URL | DB_HOST) step "Without Docker: $name names your own database" ;;
            *) step "Without Docker: $name is set, and only applies without Docker (to use Docker: --docker)" ;;
        esac
        return
    fi
    if engine_fits; then
        if docker_runs; then
            kind=docker why="Sage is already running in it"
        elif holds_embedded_data; then
            kind=embedded why="the data is in $data_dir"
            ! docker_holds_data || why="$why; there is more in Docker's volume $volume"
        elif docker_holds_data; then
            kind=docker why="the data is in its volume $volume"
        else
            kind=docker why="engine $engine_version is running"
        fi
    elif holds_embedded_data || [ ! -s "$secrets_dir/db_password" ]; then
        kind=embedded why=$trouble
        ! holds_embedded_data || why="the data is in $data_dir"
    else
        fail 1 "Sage ran with Docker here, but now $trouble" \
            "$fix; or begin anew without it: --embedded"
    fi
    case $kind in
        docker) step "Using Docker: $why (to run without it: --embedded)" ;;
        *) step "Using the embedded PostgreSQL: $why (to use Docker: --docker)" ;;
    esac
}
