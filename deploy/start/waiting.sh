# shellcheck shell=bash disable=SC2154 # the parts share their variables
# Bringing the containers up, and the reason where they do not come up.

READY_WAIT_S=180
RESTART_WAIT_S=10
SHOWN_LOG_LINES=12
BAD_CONFIGURATION=78

bring_up() { # return when Sage answers its readiness probe
    local restarting began
    began=$(date -u +%Y-%m-%dT%H:%M:%S)
    restarting=$(containers --filter status=restarting)
    # shellcheck disable=SC2086 # ids, one a line; the engine waits longer before each further attempt
    [ -z "$restarting" ] || docker stop $restarting >/dev/null || :
    trap 'say "What was started goes on in the background; --stop ends it"; exit 130' INT TERM
    run_containers || explain
    await_ready || explain
    trap - INT TERM
}

run_containers() { # a reader that ends, such as head, must not end what Compose does
    local up=(up --detach --wait --wait-timeout "$READY_WAIT_S" --no-build sage-mcp)
    if [ -t 2 ]; then compose "${up[@]}" >&2; else compose "${up[@]}" 2>&1 | pass_on; fi
}

pass_on() { # lines from standard input to standard error, to their end even where nobody reads
    local line
    trap '' PIPE
    while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$line" >&2 2>/dev/null || :; done
}

is_ready() { docker exec "$(container sage-mcp)" sage healthcheck --readiness >/dev/null 2>&1; }

await_ready() { # return when Sage is ready, else after a while; at once where time mends nothing
    local waited said
    for ((waited = 0; waited < READY_WAIT_S; waited++)); do
        said=$(docker exec "$(container sage-mcp)" sage healthcheck --readiness 2>&1) && return
        case $said in
            *'  fix: '*) printf '%s\n' "$said" >&2 && return 1 ;;
            *'being upgraded'* | *'being backed up'*) waited=0 ;; # as long as it takes
        esac
        [ -z "$(exit_code_of sage-mcp)" ] || return 1
        sleep 1
    done
    return 1
}

health_of() { # SERVICE: healthy, starting, unhealthy, or what its container does without a health
    docker inspect --format \
        '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' \
        "$(container "$1")" 2>/dev/null || printf 'not there'
}

exit_code_of() { # SERVICE: with which its container ended since `began`; nothing where it did not
    local waited status code restarts started
    for ((waited = 0; waited < RESTART_WAIT_S * 5; waited++)); do
        read -r status code restarts started <<<"$(docker inspect --format \
            '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{.State.StartedAt}}' \
            "$(container "$1")" 2>/dev/null)" || :
        [[ $started > $began ]] || return 0
        case $status in
            restarting | exited | dead) printf '%s' "$code" && return ;;
            *) [ "$restarts" -gt 0 ] || return 0 ;;
        esac
        sleep 0.2 # it runs between two attempts
    done
}

explain() { # show why the containers do not come up, and do not let them try for ever
    local service code
    for service in postgres sage-mcp; do
        code=$(exit_code_of "$service")
        [ -n "$code" ] || [ "$(health_of "$service")" = unhealthy ] || continue
        show_log "$service"
        stop_containers || :
        case $code in
            '') fail 1 "$service is unhealthy" "see the lines above" ;;
            "$BAD_CONFIGURATION")
                fail "$code" "the configuration is invalid" \
                    "correct .env as the lines above say, then start again"
                ;;
            *) fail 1 "$service ended with exit code $code before it was ready" "see the lines above" ;;
        esac
    done
    [ "$(health_of sage-mcp)" != starting ] ||
        fail 1 "Sage is not ready after $READY_WAIT_S s; it goes on in the background" \
            "look at its log with --logs, or end it with --stop"
    is_ready || stop_containers || :
    fail 1 "Docker could not start the containers" "see the lines above"
}

show_log() { # SERVICE: its last words
    local id
    id=$(container "$1")
    say "The end of the log of $1:"
    {
        docker logs --tail "$SHOWN_LOG_LINES" "$id" 2>&1
        if [ "$1" = postgres ]; then # once it writes its log itself, that is where it says why it ends
            docker cp "$id:/var/log/postgresql/postgresql-$(LC_ALL=C date -u +%a).log" - |
                tar -xOf - | tail -n "$SHOWN_LOG_LINES"
        fi 2>/dev/null || :
    } | sed 's/^/  /' >&2
}
