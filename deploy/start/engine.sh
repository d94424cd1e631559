# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# Whether there is a Docker engine that Sage can run on, and what it holds of Sage.

OLDEST_ENGINE=25       # start_interval of health checks
OLDEST_COMPOSE_MINOR=21 # the same, in Compose 2
ENGINE_WAIT_S=15

within() { # SECONDS COMMAND...: run it, but not for longer
    local ticks=$(($1 * 10)) pid
    shift
    "$@" &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        if [ "$ticks" -le 0 ]; then
            kill "$pid"
            return 124
        fi
        ticks=$((ticks - 1))
        sleep 0.1
    done
    wait "$pid"
}

engine_fits() { # set engine_version, engine_cpus, engine_root; else say in trouble and fix why not
    local answer compose place minor
    command -v docker >/dev/null ||
        { wrong "Docker is not installed" "https://docs.docker.com/engine/install/" || return; }
    answer=$(within "$ENGINE_WAIT_S" docker info \
        --format 'engine={{.ServerVersion}} {{.NCPU}} {{.DockerRootDir}}' 2>&1) || :
    read -r engine_version engine_cpus engine_root <<<"$(sed -n 's/^engine=//p' <<<"$answer")" || :
    case $answer in
        *"ermission denied"*)
            wrong "this user may not talk to the Docker engine" \
                "sudo usermod -aG docker $(id -un), then log in again" || return
            ;;
        "engine="[0-9]* | *$'\n'"engine="[0-9]*) ;;
        *)
            place=$(docker context show 2>/dev/null) || :
            case ${DOCKER_HOST:+DOCKER_HOST=$DOCKER_HOST},$place in
                ,default | ,) place='' ;;
                ,*) place=" in the context $place" ;;
                *) place=" at DOCKER_HOST=$DOCKER_HOST" ;;
            esac
            wrong "no Docker engine is running$place" \
                "start it: sudo systemctl start docker, or open Docker Desktop${place:+; or choose another one}" ||
                return
            ;;
    esac
    [ "${engine_version%%.*}" -ge "$OLDEST_ENGINE" ] ||
        { wrong "the Docker engine is version $engine_version, and Sage needs $OLDEST_ENGINE" \
            "bring Docker up to date: https://docs.docker.com/engine/install/" || return; }
    compose=$(docker compose version --short 2>/dev/null) ||
        { wrong "Docker Compose is not installed" \
            "install it: https://docs.docker.com/compose/install/linux/ (Ubuntu: docker-compose-v2)" ||
            return; }
    compose=${compose#v}
    minor=${compose#*.}
    [ "${compose%%.*}" -gt 2 ] || [ "${minor%%.*}" -ge "$OLDEST_COMPOSE_MINOR" ] ||
        { wrong "Docker Compose is version $compose, and Sage needs 2.$OLDEST_COMPOSE_MINOR" \
            "bring it up to date: https://docs.docker.com/compose/install/linux/" || return; }
    place=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || :
    case $place in
        ssh://* | tcp://*)
            case $place in
                tcp://127.* | tcp://localhost[:/]*) ;;
                *) wrong "the Docker engine is on another machine ($place)" "start Sage there" || return ;;
            esac
            ;;
    esac
}

containers() { # [OPTION...]: the ids of the project's containers, of those that run unless --all
    docker ps --quiet --filter "label=com.docker.compose.project=$project" \
        --filter label=com.docker.compose.oneoff=False "$@" 2>/dev/null
}

container() { # SERVICE: the id of its container, nothing where there is none
    containers --all --filter "label=com.docker.compose.service=$1" | sed -n 1p
}

stop_containers() { # Sage before its database; by label, for Compose fails at a mistake in .env
    local sage all
    sage=$(containers --filter label=com.docker.compose.service=sage-mcp)
    [ -z "$sage" ] || docker stop "$sage" >/dev/null || return
    all=$(containers)
    # shellcheck disable=SC2086 # ids, one a line
    [ -z "$all" ] || docker stop $all >/dev/null
}

folder_of_project() { # the folder whose compose file made the containers
    local id
    id=$(container sage-mcp)
    id=${id:-$(container postgres)}
    [ -z "$id" ] || docker inspect --format \
        '{{index .Config.Labels "com.docker.compose.project.working_dir"}}' "$id" 2>/dev/null
}

is_gone() { # FOLDER: whether it certainly is not there, rather than out of this user's sight
    local seen=$1
    [ ! -e "$seen" ] || return
    while [ ! -e "$seen" ]; do seen=$(dirname "$seen"); done
    [ -x "$seen" ]
}

is_of_another_copy() { # whether they are of another folder, and this is not that one moved
    local folder
    folder=$(folder_of_project)
    [ -n "$folder" ] && ! [ "$folder" -ef . ] || return
    ! { is_gone "$folder" && [ -s "$secrets_dir/db_password" ]; }
}

docker_holds_data() { docker volume inspect "$volume" >/dev/null 2>&1; }

docker_runs() { # whether Sage of this copy runs in Docker
    local id
    id=$(container sage-mcp)
    [ -n "$id" ] && ! is_of_another_copy &&
        [ "$(docker inspect --format '{{.State.Running}}' "$id" 2>/dev/null)" = true ]
}
