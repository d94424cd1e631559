#!/usr/bin/env bash
# Set up what is missing and run Sage. Works with bash 3.2 and either Docker or Python >= 3.11.
# shellcheck disable=SC2154 # the parts share their variables
set -euo pipefail
unset CDPATH
script=${BASH_SOURCE[0]}
while [ -L "$script" ]; do
    link=$(readlink "$script")
    case $link in /*) script=$link ;; *) script=$(dirname "$script")/$link ;; esac
done
here=$(cd "$(dirname "$script")" && pwd)
# shellcheck source=/dev/null
for part in messages choice engine images waiting docker report; do
    . "$here/deploy/start/$part.sh"
done

OPTIONS='docker embedded port data-dir detach stop status logs help'

usage() {
    cat <<'TEXT'
usage: ./start-sage-mcp.sh [options]

Install missing dependencies, start Sage and print its address.

  --docker         run in containers, in the background, with PostgreSQL
  --embedded       run without Docker, with an embedded PostgreSQL
  --port N         listen on this port (default: MCP_SERVER_PORT, else that of
                   the last start, else 17800)
  --data-dir DIR   data directory, without Docker (default: SAGE_DATA_DIR,
                   else ~/.local/share/sage)
  --detach         run in the background; otherwise until Ctrl-C
  --stop           stop Sage and wait until it has exited
  --status         report whether Sage is ready: exit 0 or 1
  --logs           show the end of the log; follow it on a terminal
  --help           show this help

Without --docker or --embedded: whichever holds the data, else Docker if it is
available, else embedded. --stop, --status and --logs act on the one running.

Settings: .env (created on the first start), docs/configuration.md. A second
Sage needs its own --port and --data-dir (with Docker: COMPOSE_PROJECT_NAME).
Exit codes: 0 success, 1 failure, 2 usage error, 78 invalid configuration.
TEXT
}

nearest_option() { # WORD: print the option that begins like it, or differs in one letter
    local word=${1#-} option rest i
    word=${word#-} && word=${word%%=*}
    [ -n "$word" ] || return 0
    for option in $OPTIONS; do
        case $option in "$word"*) printf -- '--%s' "$option" && return ;; esac
    done
    for option in $OPTIONS; do
        for ((i = 0; i <= ${#option}; i++)); do
            rest=${option:i}
            # a letter too many, missing, another one, or two exchanged
            case $word in
                "${option:0:i}"?"$rest" | "${option:0:i}${rest:1}" | "${option:0:i}"?"${rest:1}" | \
                    "${option:0:i}${rest:1:1}${rest:0:1}${rest:2}")
                    printf -- '--%s' "$option" && return
                    ;;
            esac
        done
    done
}

from_here() { # make a path absolute while this is still the caller's folder
    case $1 in /* | "~"*) printf '%s' "$1" ;; *) printf '%s/%s' "$PWD" "$1" ;; esac
}

find_python() { # print a Python >= 3.11 that can make virtual environments
    local name version bare='' old=''
    for name in python3.13 python3.12 python3.11 python3 "$(uv python find '>=3.11' 2>/dev/null)"; do
        version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        case $version in
            3.[0-9] | 3.10) old=$version ;;
            *)
                "$name" -c 'import sys, ensurepip, venv; print(sys.executable)' 2>/dev/null && return
                bare=${bare:-python$version}
                ;;
        esac
    done
    if [ -n "$bare" ]; then
        fail 1 "$bare is here, but its venv module is not" "apt-get install $bare-venv"
    fi
    fix=python3-venv
    [ -z "$old" ] || fix="python3.13-venv, python3.12-venv or python3.11-venv, whichever there is"
    fix="apt-get install $fix (Debian, Ubuntu), brew install python@3.13 (macOS)"
    ! command -v uv >/dev/null || fix="uv python install 3.13"
    fail 1 "Sage needs Python 3.11 or newer${old:+, and here is $old}" "$fix"
}

set_up() { # PYTHON VENV STAMP: make the private environment, from locked packages alone
    step "Setting up Sage in $2 (once, about a minute) ..."
    "$1" -m venv --clear "$2"
    pip=("$2/bin/python" -m pip --quiet --disable-pip-version-check --no-input)
    step "  installing locked packages ..."
    "${pip[@]}" install --require-hashes --only-binary :all: -r requirements-lock.txt \
        -r requirements-embedded-lock.txt -r requirements-build-lock.txt ||
        fail 1 "the packages could not be installed" \
            "see the lines above; behind a proxy set HTTPS_PROXY and PIP_CERT, then start again"
    "${pip[@]}" install --no-index --no-deps --no-build-isolation --editable .
    printf '%s\n' "$3" >"$2/sage-stamp"
}

make_env() { # write .env once, from the example, for its owner only
    local fresh token line
    fresh=$(mktemp .env.XXXXXX) # mktemp makes it readable for its owner alone
    token=$(random_hex)
    while IFS= read -r line; do # by the shell itself: all users may read the arguments of a program
        if [ "$line" = SAGE_TOKEN= ]; then
            printf '# Generated for you. Remove the # and restart Sage to require it.\n'
            line="# SAGE_TOKEN=$token"
        fi
        printf '%s\n' "$line"
    done <.env.example >"$fresh"
    mv -n "$fresh" .env && step "Wrote .env" || :
    rm -f "$fresh"
}

one_at_a_time() { # LOCK: hold off another start that sets up the same, until this one lets go or ends
    local other told=''
    until ln -s $$ "$1" 2>/dev/null; do
        [ -L "$1" ] || fail 1 "${1%/*} cannot be written to" "start with --data-dir DIR"
        other=$(readlink "$1" || :)
        kill -0 "${other:-$$}" 2>/dev/null || rm -f "$1"
        [ -n "$told" ] || step "Waiting for another start (pid $other) ..."
        told=yes
        sleep 0.2
    done
    lock=$1
    trap let_go EXIT
}

let_go() { [ -z "${lock:-}" ] || rm -f "$lock"; }

start() {
    local asked=$kind
    [ -e .env ] || [ ! -w . ] || make_env
    take_mirrors
    case $kind in
        '') choose ;;
        docker) must_fit ;;
    esac
    [ "$kind" != docker ] || start_docker "$port" "$asked"
    start_embedded
}

take_mirrors() { # from .env, for pip and mmdebstrap
    local name value
    for name in PIP_INDEX_URL SAGE_DEBIAN_MIRROR; do
        value=$(setting "$name")
        [ -z "$value" ] || export "$name=$value"
    done
}

must_take_data() { # before packages are installed for it
    local seen=$data_dir
    case $seen in /*) ;; *) return ;; esac # Sage itself expands a tilde
    while [ ! -e "$seen" ] && [ ! -L "$seen" ]; do seen=$(dirname "$seen"); done
    [ -d "$seen" ] && [ -w "$seen" ] && [ -x "$seen" ] ||
        fail 1 "the data directory $data_dir cannot be used: $seen is not a directory that this user may write to" \
            "start with --data-dir DIR"
}

start_embedded() {
    if ! is_set_up; then
        local python
        must_take_data
        python=$(find_python)
        (umask 077 && mkdir -p "${venv%/*}") ||
            fail 1 "${venv%/*} cannot be created" "start with --data-dir DIR"
        one_at_a_time "$venv.lock"
        trap 'exit 130' INT # rather than pip's failure
        is_set_up || set_up "$python" "$venv" "$stamp"
        trap - INT
        let_go
    fi
    launch
}

launch() { # hand over to the command line of the embedded Sage
    local verb=$work
    if [ ! -s "$venv/sage-stamp" ]; then # never set up, or not to the end
        ! embedded_runs || fail 1 "Sage runs, but the setup in $venv did not come to its end" \
            "set it up again: ./start-sage-mcp.sh --embedded"
        say "Sage is not set up here, so it does not run"
        [ "$work" = stop ] || exit 1
        exit 0
    fi
    case $work in
        start) verb=up ;;
        stop) verb=down options=() ;;
        *) options=() ;;
    esac
    exec "$venv/bin/python" -m sage "$verb" \
        ${place[@]+"${place[@]}"} ${options[@]+"${options[@]}"}
}

find_running() { # set kind to that of the Sage which --stop, --status or --logs is about
    if ! engine_fits; then
        kind=embedded
        [ ! -s "$secrets_dir/db_password" ] || holds_embedded_data ||
            fail 1 "Sage ran with Docker here, but now $trouble" "$fix"
    elif docker_runs; then
        kind=docker
        ! embedded_runs || fail 1 "Sage runs twice here, with Docker and embedded" \
            "say which one: --docker or --embedded"
    elif [ -n "$(container sage-mcp)" ] && ! is_of_another_copy && ! holds_embedded_data; then
        kind=docker
    else
        kind=embedded
    fi
}

work=start
kind=''
port=''
options=()
place=()
[ -z "${SAGE_DATA_DIR:-}" ] || SAGE_DATA_DIR=$(from_here "$SAGE_DATA_DIR")
data_dir=''
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage && exit ;;
        --embedded | --docker)
            [ -z "$kind" ] || [ "$kind" = "${1#--}" ] ||
                fail 2 "--embedded and --docker cannot be combined" "./start-sage-mcp.sh --help"
            kind=${1#--}
            ;;
        --detach) options+=("$1") ;;
        --stop | --status | --logs) work=${1#--} ;;
        --port=* | --data-dir=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" && continue ;;
        --port | --data-dir)
            [ -n "${2:-}" ] || fail 2 "$1 needs a value" "./start-sage-mcp.sh --help"
            value=$2
            if [ "$1" = --data-dir ]; then
                value=$(from_here "$2")
                data_dir=$value
                place=("$1" "$value")
            else
                port=$value
                is_port "$port" || fail 2 "$port is not a valid port (1 to 65535)" "./start-sage-mcp.sh --port 17800"
                options+=("$1" "$value")
            fi
            shift
            ;;
        *)
            meant=$(nearest_option "$1")
            fail 2 "unknown option $1" "${meant:+did you mean $meant? }./start-sage-mcp.sh --help"
            ;;
    esac
    shift
done

cd "$here"
[ ! -e .env ] || [ -r .env ] || fail 78 "$PWD/.env cannot be read" "make it readable for this user: chmod u+r .env, or chown $(id -un) .env if it belongs to another"
if [ -n "$data_dir" ]; then
    [ "$kind" != docker ] || fail 2 "--data-dir is for an embedded Sage: Docker keeps data in volumes" \
        "leave it out; for another Sage with Docker set COMPOSE_PROJECT_NAME"
    kind=embedded
else
    [ "$kind" != embedded ] || options+=(--embedded)
    data_dir=$(setting SAGE_DATA_DIR)
    data_dir=${data_dir:-${XDG_DATA_HOME:-${HOME:-}/.local/share}/sage}
fi
name_docker_things
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_USER=0
venv=$PWD/.venv
[ -w . ] && { [ ! -e .venv ] || [ -w .venv ]; } || venv=$data_dir/venv
if [ "$(id -u)" = 0 ] && [ "$venv" = "$data_dir/venv" ] && [ -e "$data_dir" ] && [ ! -O "$data_dir" ]; then
    fail 1 "$data_dir belongs to another user, and root runs no programs from it" \
        "start Sage as that user, or with another --data-dir"
fi
stamp="$PWD $(cat requirements-lock.txt requirements-embedded-lock.txt requirements-build-lock.txt \
    pyproject.toml | cksum)"
is_set_up() { [ "$(cat "$venv/sage-stamp" 2>/dev/null)" = "$stamp" ] && "$venv/bin/python" -c ''; }

case $work in
    start) start ;;
    *)
        [ -n "$kind" ] || find_running
        [ "$kind" != docker ] || must_fit
        case $kind-$work in
            docker-stop) stop_docker ;;
            docker-status) docker_status ;;
            docker-logs) docker_logs ;;
            *) launch ;;
        esac
        ;;
esac
