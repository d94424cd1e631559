# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The two images: there already, pulled, built, or made from Debian's packages without a registry.

NEEDED_KIB=3145728 # for both images and what building leaves: 3 GiB

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

tree_stamp() { # a number that changes with anything the image is made of
    {
        printf '%s\n' "$target"
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

have_image() { # PUBLISHED STAND_IN KIND: set image to one of the two, pulled or made if need be
    for image in "$1" "$2"; do
        ! has_image "$image" || return 0
    done
    has_room || return
    image=$1
    step "Pulling $image ..."
    ! docker pull "$image" >&2 || return 0
    image=$2
    step "No registry gives it. Making $image from Debian's packages ..."
    ci/bases "$3" >&2 ||
        wrong "$1 can neither be pulled nor made here" \
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
        step "Pulling $SAGE_IMAGE ..."
        docker pull "$SAGE_IMAGE" >&2 ||
            wrong "the image $SAGE_IMAGE cannot be pulled" "correct or unset SAGE_IMAGE"
        return
    fi
    docker buildx version >/dev/null 2>&1 ||
        { wrong "the image has to be built, and Docker's buildx is not installed" \
            "install it: https://docs.docker.com/build/install-buildx/ (Debian, Ubuntu: docker-buildx)" ||
            return; }
    have_image "${PYTHON_IMAGE:-$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)}" \
        sage-base-python:3.13 python || return
    has_room || return
    step "Building $SAGE_IMAGE (the first time a minute or two) ..."
    PYTHON_IMAGE=$image ci/image --target "$target" --label "sage.tree=$stamp" >&2 ||
        wrong "the image $SAGE_IMAGE cannot be built" \
            "see the lines above; a certificate authority of your network: SAGE_BUILD_CA=FILE"
}

have_images() { # PostgreSQL's and Sage's
    own_image=$(setting SAGE_IMAGE)
    target=$(setting SAGE_TARGET)
    target=${target:-runtime}
    export SAGE_IMAGE=${own_image:-sage-mcp:latest}
    have_sage_image || return
    local image
    image=$(setting SAGE_POSTGRES_IMAGE)
    if [ -z "$image" ] || ! has_image "$image"; then
        have_image "${image:-$(sed -n 's/.*SAGE_POSTGRES_IMAGE:-\([^}]*\)}.*/\1/p' docker-compose.yml | sed -n 1p)}" \
            sage-base-postgres:17 postgres || return
    fi
    export SAGE_POSTGRES_IMAGE=$image
}
