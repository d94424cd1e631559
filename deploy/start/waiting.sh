# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# Bringing the containers up and telling, a line a change, how each service comes along.

READY_WAIT_S=180
SHOWN_LOG_LINES=12
BAD_CONFIGURATION=78

bring_up() { # give back when Sage answers its readiness probe on the published port
    local said up stale
    stale=$(containers --filter status=restarting)
    # shellcheck disable=SC2086 # ids, one a line; how often they came up before must not count
    [ -z "$stale" ] || docker stop $stale >/dev/null || :
    said=$(mktemp)
    compose up --detach --no-build sage-mcp >"$said" 2>&1 &
    up=$!
    trap 'kill "$up" 2>/dev/null || :; rm -f "$said"; let_go' EXIT
    trap 'say "What was started goes on in the background; --stop ends it"; exit 130' INT TERM
    watch_services "$up" "$said"
    trap - INT TERM
    trap let_go EXIT
    rm -f "$said"
}

watch_services() { # PID and OUTPUT of `compose up`
    local began=$SECONDS told='' goes_on=yes service state
    while :; do
        if [ -n "$goes_on" ] && ! kill -0 "$1" 2>/dev/null; then
            goes_on=''
            wait "$1" || refuse_to_go_on "$2"
        fi
        [ -n "$goes_on" ] || ! is_ready "$MCP_SERVER_PORT" || break
        for service in postgres sage-mcp; do
            state=$(state_of "$service" "$goes_on")
            case $state in failed*) give_up "$service" "${state#failed }" ;; esac
            case $service=$state in *=waiting | sage-mcp=healthy) continue ;; esac
            case "$told " in *" $service=$state "*) continue ;; esac
            told="$told $service=$state"
            tell "$service" "$state" $((SECONDS - began))
        done
        [ $((SECONDS - began)) -lt "$READY_WAIT_S" ] ||
            fail 1 "Sage is not ready after $READY_WAIT_S s; it goes on in the background" \
                "look at its log with --logs, or end it with --stop"
        [ ! -t 2 ] || printf '\r\033[Kstarting Sage: %s s ' $((SECONDS - began)) >&2
        sleep 0.2
    done
    tell sage-mcp ready $((SECONDS - began))
}

state_of() { # SERVICE GOES_ON: waiting, starting, healthy, unhealthy, or failed with an exit code
    local id status code restarts health
    id=$(container "$1")
    [ -n "$id" ] || { printf waiting && return; }
    read -r status code restarts health <<<"$(docker inspect --format \
        '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{with .State.Health}}{{.Status}}{{end}}' \
        "$id" 2>/dev/null)" || :
    case $status in
        running) printf '%s' "${health:-starting}" ;;
        restarting)
            if [ "$restarts" -ge 2 ] || [ "$code" = "$BAD_CONFIGURATION" ]; then
                printf 'failed %s' "$code"
            else
                printf 'starting'
            fi
            ;;
        exited | dead) if [ -n "$2" ]; then printf waiting; else printf 'failed %s' "$code"; fi ;;
        *) printf waiting ;;
    esac
}

tell() { # SERVICE STATE SECONDS
    local style=2
    [ ! -t 2 ] || printf '\r\033[K' >&2
    case $2 in
        healthy | ready) style=32 ;;
        unhealthy) style=33 ;;
    esac
    say "$(printf '  %-9s %s (%s s)' "$1" "$(paint "$style" "$2")" "$3")"
}

show_log() { # SERVICE: its last words
    local id
    id=$(container "$1")
    [ ! -t 2 ] || printf '\r\033[K' >&2
    say "The end of the log of $1:"
    {
        docker logs --tail "$SHOWN_LOG_LINES" "$id" 2>&1
        if [ "$1" = postgres ]; then # once it writes its log itself, that is where it says why it ends
            docker cp "$id:/var/log/postgresql/postgresql-$(LC_ALL=C date -u +%a).log" - |
                tar -xOf - | tail -n "$SHOWN_LOG_LINES"
        fi 2>/dev/null || :
    } | sed 's/^/  /' >&2
}

refuse_to_go_on() { # OUTPUT of `compose up`, which failed
    case $(cat "$1") in *"dependency failed"* | *unhealthy*) show_log postgres ;; esac
    tail -n 4 "$1" >&2
    is_ready "$MCP_SERVER_PORT" || stop_containers || :
    fail 1 "Docker could not start the containers" "see the lines above"
}

give_up() { # SERVICE CODE: show why it ends, and do not let it try for ever
    show_log "$1"
    stop_containers || :
    case $2 in
        "$BAD_CONFIGURATION")
            fail "$2" "the configuration cannot be used" "correct .env as the lines above say, then start again"
            ;;
        *) fail 1 "$1 ended with exit code $2 before it was ready" "see the lines above" ;;
    esac
}
