# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# Sage and its PostgreSQL as containers: start, watch, stop. Needs bash and Docker, nothing else.

LOG_LINES=200

name_docker_things() {
    project=$(setting COMPOSE_PROJECT_NAME)
    project=${project:-sage}
    volume=${project}_postgres-data
    secrets_dir=$(setting SAGE_SECRETS_DIR)
    secrets_dir=${secrets_dir:-secrets}
    # shellcheck disable=SC2088 # .env holds it unexpanded
    case $secrets_dir in "~/"*) secrets_dir=${HOME:-}/${secrets_dir#"~/"} ;; esac
}

must_fit() { engine_fits || fail 1 "$trouble" "$fix"; }

compose() {
    SAGE_SECRETS_DIR=$(from_here "$secrets_dir") docker compose --project-name "$project" "$@"
}

another_project() { # the command that starts another Sage beside this one
    printf 'COMPOSE_PROJECT_NAME=%s2 ./start-sage-mcp.sh --docker --port 17801' "$project"
}

must_be_understood() { # by Compose: docker-compose.yml with what .env and the environment say
    local said
    said=$(compose config --quiet 2>&1) ||
        fail "$BAD_CONFIGURATION" "Docker Compose cannot read the configuration: $said" \
            "correct .env, or the variable it names"
}

refuse_other_copies() {
    ! is_of_another_copy ||
        fail 1 "the Docker project $project belongs to the copy of Sage in $(folder_of_project)" \
            "start it there (moved from there: copy its directory secrets), or another one: $(another_project)"
}

published_port() { # the port of the Sage that runs, nothing where none runs
    local id place
    id=$(container sage-mcp)
    [ -n "$id" ] || return 0
    place=$(docker port "$id" 17800/tcp 2>/dev/null | sed -n 1p) || :
    printf '%s' "${place##*:}"
}

port_before() { # the port of the Sage that is stopped
    local id
    id=$(container sage-mcp)
    [ -z "$id" ] || docker inspect --format \
        '{{with index .HostConfig.PortBindings "17800/tcp"}}{{(index . 0).HostPort}}{{end}}' "$id" 2>/dev/null
}

is_port() { case $1 in '' | *[!0-9]* | 0* | ??????*) return 1 ;; *) [ "$1" -le 65535 ] ;; esac }

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; } # PORT

choose_port() { # [PORT]: set MCP_SERVER_PORT to where Sage is to listen, or runs already
    local asked=$1 running before free
    running=$(published_port)
    if [ -n "$running" ]; then
        [ -z "$asked" ] || [ "$asked" = "$running" ] ||
            fail 1 "Sage is already running on port $running (Docker project $project)" \
                "stop it with --stop, or start another beside it with another COMPOSE_PROJECT_NAME"
        asked=$(setting MCP_SERVER_PORT)
        [ -z "$asked" ] || [ "$asked" = "$running" ] ||
            say "note: Sage is running on port $running; MCP_SERVER_PORT=$asked applies after a restart"
        export MCP_SERVER_PORT=$running
        return
    fi
    asked=${asked:-$(setting MCP_SERVER_PORT)}
    if [ -z "$asked" ]; then
        asked=$(setting MCP_PORT)
        [ -z "$asked" ] || say "note: MCP_PORT is the former name of MCP_SERVER_PORT: write that instead"
    fi
    if [ -z "$asked" ]; then
        before=$(port_before) || :
        ! is_port "$before" || [ "$before" = 17800 ] || { asked=$before && step "On port $before, as before"; }
    fi
    export MCP_SERVER_PORT=${asked:-17800}
    is_port "$MCP_SERVER_PORT" ||
        fail 78 "$MCP_SERVER_PORT is not a valid port (1 to 65535)" "./start-sage-mcp.sh --port 17800"
    if is_open "$MCP_SERVER_PORT"; then
        free=$((MCP_SERVER_PORT + 1))
        [ "$free" -le 65535 ] || free=17800
        while is_open "$free"; do free=$((free + 1)); done
        fail 1 "port $MCP_SERVER_PORT is taken by another program" \
            "stop what uses it, or start with --port $free"
    fi
}

have_secrets() {
    local before code=0
    if docker_holds_data && [ ! -s "$secrets_dir/db_password" ] &&
        [ -z "$(setting DB_PASSWORD)$(setting DB_PASSWORD_FILE)" ]; then
        before=$(folder_of_project)
        fail 1 "Docker's volume $volume holds a database, but its password, $secrets_dir/db_password, is not here" \
            "copy the directory secrets from where Sage ran before${before:+ ($before)}, or start another one: $(another_project)"
    fi
    SAGE_SECRETS_DIR=$secrets_dir deploy/make-secrets >&2 || code=$?
    case $code in
        0) ;;
        "$BAD_CONFIGURATION") exit "$code" ;;
        *)
            fail 1 "the secrets cannot be written to $secrets_dir" \
                "set SAGE_SECRETS_DIR to a directory of yours"
            ;;
    esac
    local token
    token=$(setting SAGE_TOKEN)
    [ -z "$token" ] || [ "$token" = "$(cat "$secrets_dir/sage_token")" ] ||
        say "note: SAGE_TOKEN differs from $secrets_dir/sage_token, and that file counts; delete it to take the other"
}

note_what_does_not_count() {
    local name
    for name in MCP_SERVER_HOST MCP_HOST SAGE_AUTH SAGE_CONFIG SAGE_DATA_DIR DB_NAME DB_PORT \
        EMBEDDING_API_KEY_FILE SILICONFLOW_API_KEY_FILE MCP_SERVER_PORT_FILE; do
        [ -z "$(setting "$name")" ] ||
            say "note: $name is set and does not count with Docker (docs/containers.md)"
    done
    [ ! -e sage.toml ] || say "note: sage.toml does not count with Docker (docs/containers.md)"
}

start_docker() { # PORT ASKED: start and leave, or give back where images cannot be had and nobody asked
    local name
    name=$(settings_without_docker)
    case $name in
        DATABASE_URL | DB_HOST)
            fail 1 "--docker was asked for, but $name names another database" \
                "unset it, or start without --docker"
            ;;
    esac
    refuse_other_copies
    [ ! -w . ] || one_at_a_time "$PWD/.docker.lock"
    choose_port "$1"
    must_be_understood
    if ! have_images; then
        if [ -n "$2" ] || docker_holds_data; then fail 1 "$trouble" "$fix"; fi
        say "Continuing without Docker: $trouble"
        let_go
        return
    fi
    have_secrets
    note_what_does_not_count
    if [ "$engine_cpus" -ge 2 ] && [ -z "$(setting SAGE_CPUS)" ]; then
        export SAGE_CPUS=2
    fi
    bring_up
    report
    exit
}

stop_docker() {
    refuse_other_copies
    if [ -z "$(containers)" ]; then
        printf 'Sage is not running (Docker project %s)\n' "$project"
        return
    fi
    step "Stopping Sage and its PostgreSQL ..."
    stop_containers ||
        fail 1 "the containers of the Docker project $project could not be stopped" "see the lines above"
    printf 'Sage has stopped\n'
}

docker_status() { # 0 when Sage is ready, else 1
    local port service
    refuse_other_copies
    port=$(published_port)
    if [ -z "$port" ]; then
        printf 'Sage is not running (Docker project %s)\n' "$project"
        return 1
    fi
    if is_ready; then
        printf 'Sage is ready: http://127.0.0.1:%s/mcp (Docker project %s)\n' "$port" "$project"
        return
    fi
    printf 'Sage runs (Docker project %s), but is not ready:' "$project"
    for service in postgres sage-mcp; do
        printf ' %s is %s;' "$service" "$(health_of "$service")"
    done
    printf ' see --logs\n'
    return 1
}

docker_logs() { # the end of Sage's log; goes on with it on a terminal
    local id options=(--tail "$LOG_LINES")
    refuse_other_copies
    id=$(container sage-mcp)
    [ -n "$id" ] || fail 1 "there is no container of the Docker project $project" "start one with --docker"
    [ ! -t 1 ] || options+=(--follow)
    exec docker logs "${options[@]}" "$id" 2>&1
}
