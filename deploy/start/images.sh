# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The two images: there already, pulled, built, or made from Debian's packages without a registry.

NEEDED_KIB=2097152 # for both images and what building leaves: 2 GiB

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

tree_stamp() { # a number that changes with anything the image is made of
    {
        printf '%s\n' "$target" "$(setting PYTHON_IMAGE)"
        find Dockerfile .dockerignore LICENSE requirements-lock.txt docker-entrypoint.sh deploy/image \
            sage -type f ! -path '*/__pycache__/*' | LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum
    } | cksum | tr ' ' -
}

has_room() { # where the engine keeps images, if that is on this machine
    local free
    [ -d "$engine_root" ] || return 0
    read -r _ _ _ free _ <<<"$(df -Pk "$engine_root" | sed -n 2p)"
    [ "$free" -ge "$NEEDED_KIB" ] ||
        wrong "$((free / 1024)) MiB are free in $engine_root, and the images need $((NEEDED_KIB / 1024))" \
            "free some space: docker system df, docker system prune"
}

pull() { # IMAGE
    has_room || return
    step "Pulling $1 ..."
    docker pull "$1" >&2
}

make_stand_in() { # IMAGE KIND
    step "Making $1 from Debian's current packages, in place of the published image ..."
    ci/bases "$2" >&2
}

have_image() { # SETTING PUBLISHED STAND_IN KIND: set image, there already, pulled or made
    image=$(setting "$1")
    if [ -n "$image" ]; then
        if has_image "$image"; then return 0; fi
        if [ "$image" = "$3" ]; then make_stand_in "$3" "$4"; else pull "$image"; fi ||
            wrong "the image $image cannot be had" "see the lines above, and correct or unset $1"
        return
    fi
    for image in "$2" "$3"; do
        ! has_image "$image" || return 0
    done
    has_room || return
    image=$2
    ! pull "$image" || return 0
    image=$3
    make_stand_in "$3" "$4" ||
        wrong "$2 can neither be pulled nor made here" \
            "see the lines above; behind a proxy: https://docs.docker.com/engine/daemon/proxy/"
}

have_sage_image() { # have SAGE_IMAGE hold what this folder holds
    local stamp there
    stamp=$(tree_stamp)
    if there=$(docker image inspect --format '{{index .Config.Labels "sage.tree"}}' "$SAGE_IMAGE" 2>&1); then
        [ "$there" != "$stamp" ] || return 0
        # Somebody's own image is theirs to renew.
        [ -n "$there" ] || [ -z "$own_image" ] || return 0
    elif [ -n "$own_image" ] && [ "$SAGE_IMAGE" != "${SAGE_IMAGE#*/}" ]; then
        pull "$SAGE_IMAGE" ||
            wrong "the image $SAGE_IMAGE cannot be had" "see the lines above, and correct or unset SAGE_IMAGE"
        return
    fi
    docker buildx version >/dev/null 2>&1 ||
        { wrong "the image has to be built, and Docker's buildx is not installed" \
            "install it: https://docs.docker.com/build/install-buildx/ (Debian, Ubuntu: docker-buildx)" ||
            return; }
    have_image PYTHON_IMAGE "$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)" \
        sage-base-python:3.13 python || return
    has_room || return
    step "Building $SAGE_IMAGE (the first time a minute or two) ..."
    SAGE_BUILD_CA=$(setting SAGE_BUILD_CA) PYTHON_IMAGE=$image ci/image --target "$target" --label "sage.tree=$stamp" >&2 ||
        wrong "the image $SAGE_IMAGE cannot be built" \
            "see the lines above; a certificate authority of your network: SAGE_BUILD_CA=FILE"
}

have_images() { # Sage's and PostgreSQL's; set SAGE_IMAGE and SAGE_POSTGRES_IMAGE
    local image
    own_image=$(setting SAGE_IMAGE)
    target=$(setting SAGE_TARGET)
    target=${target:-runtime}
    export SAGE_IMAGE=${own_image:-sage-mcp:latest}
    have_sage_image || return
    have_image SAGE_POSTGRES_IMAGE \
        "$(sed -n 's/.*SAGE_POSTGRES_IMAGE:-\([^}]*\)}.*/\1/p' docker-compose.yml | sed -n 1p)" \
        sage-base-postgres:17 postgres || return
    export SAGE_POSTGRES_IMAGE=$image
}
