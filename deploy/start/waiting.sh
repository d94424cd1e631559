# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# Bringing the containers up and telling, a line a change, how each service comes along.

READY_WAIT_S=180
SHOWN_LOG_LINES=12
BAD_CONFIGURATION=78

bring_up() { # give back when Sage answers its readiness probe on the published port
    local said up
    said=$(mktemp)
    compose up --detach --no-build sage-mcp >"$said" 2>&1 &
    up=$!
    trap 'kill "$up" 2>/dev/null || :; rm -f "$said"' EXIT
    trap 'exit 130' INT TERM
    watch_services "$up" "$said"
    trap - INT TERM EXIT
    rm -f "$said"
}

watch_services() { # PID and OUTPUT of `compose up`
    local began=$SECONDS told='' goes_on=yes service state
    while :; do
        if [ -n "$goes_on" ] && ! kill -0 "$1" 2>/dev/null; then
            goes_on=''
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
        [ -n "$goes_on" ] || wait "$1" || {
            tail -n 4 "$2" >&2
            fail 1 "Docker could not start the containers" "see the lines above"
        }
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

give_up() { # SERVICE CODE: show why it ends, and do not let it try for ever
    local id
    id=$(container "$1")
    [ ! -t 2 ] || printf '\r\033[K' >&2
    say "The end of the log of $1:"
    docker logs --tail "$SHOWN_LOG_LINES" "$id" 2>&1 | sed 's/^/  /' >&2
    compose stop "$1" >/dev/null 2>&1 || :
    case $2 in
        "$BAD_CONFIGURATION")
            fail "$2" "the configuration cannot be used" "correct .env as the lines above say, then start again"
            ;;
        *) fail 1 "$1 ended with exit code $2 before it was ready" "see the lines above" ;;
    esac
}
