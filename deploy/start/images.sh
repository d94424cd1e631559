# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The two images: there already, pulled, built, or made from Debian's packages without a registry.

NEEDED_KIB=2097152 # for both images and what building leaves: 2 GiB

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

tree_stamp() { # a number that changes with anything the image is made of
    {
        printf '%s\n' "$target" "$(setting PYTHON_IMAGE)"
        find Dockerfile .dockerignore LICENSE requirements-lock.txt docker-entrypoint.sh deploy/images \
            sage -type f ! -path '*/__pycache__/*' | LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum
    } | cksum | tr ' ' -
}

has_room() { # where the engine keeps images, if that is on this machine
    local root free
    root=${engine_root:-$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)} || :
    [ -d "$root" ] || return 0
    read -r _ _ _ free _ <<<"$(df -Pk "$root" | sed -n 2p)"
    [ "$free" -ge "$NEEDED_KIB" ] ||
        wrong "$((free / 1024)) MiB are free in $root, and the images need $((NEEDED_KIB / 1024))" \
            "free some space: docker system df, docker system prune"
}

pull() { # IMAGE
    step "Pulling $1 ..."
    docker pull "$1" >&2
}

make_base_image() { # KIND IMAGE
    step "Making $2 from Debian's current packages, in place of the published image ..."
    deploy/images/make-base-images "$1" >&2
}

have_base_image() { # python or postgres: set image to the one to use, found, pulled or made
    local variable published made own
    case $1 in
        python)
            variable=PYTHON_IMAGE made=sage-base-python:3.13
            published=$(sed -n 's/^ARG PYTHON_IMAGE=//p' Dockerfile)
            ;;
        postgres)
            variable=SAGE_POSTGRES_IMAGE made=sage-base-postgres:17
            published=$(sed -n 's/.*SAGE_POSTGRES_IMAGE:-\([^}]*\)}.*/\1/p' docker-compose.yml | sed -n 1p)
            ;;
    esac
    own=$(setting $variable)
    for image in ${own:-"$published" $made}; do
        ! has_image "$image" || return 0
    done
    has_room || return
    if [ -n "$own" ]; then
        if [ "$own" = $made ]; then make_base_image "$1" $made; else pull "$own"; fi ||
            wrong "the image $own cannot be had" "see the lines above, and correct or unset $variable"
        return
    fi
    image=$published
    ! pull "$image" || return 0
    image=$made
    make_base_image "$1" $made ||
        wrong "$published can neither be pulled nor made here" \
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
        has_room || return
        pull "$SAGE_IMAGE" ||
            wrong "the image $SAGE_IMAGE cannot be had" "see the lines above, and correct or unset SAGE_IMAGE"
        return
    fi
    docker buildx version >/dev/null 2>&1 ||
        { wrong "the image has to be built, and Docker's buildx is not installed" \
            "install it: https://docs.docker.com/build/install-buildx/ (Debian, Ubuntu: docker-buildx)" ||
            return; }
    have_base_image python || return
    has_room || return
    remember PYTHON_IMAGE "$image"
    step "Building $SAGE_IMAGE (the first time a minute or two) ..."
    SAGE_BUILD_CA=$(setting SAGE_BUILD_CA) PYTHON_IMAGE=$image \
        deploy/images/build --target "$target" --label "sage.tree=$(tree_stamp)" >&2 ||
        wrong "the image $SAGE_IMAGE cannot be built" \
            "see the lines above; a certificate authority of your network: SAGE_BUILD_CA=FILE"
}

remember() { # VARIABLE IMAGE: for Compose and the swarm, where an image made here was taken
    case $2 in sage-base-*) ;; *) return 0 ;; esac
    [ -z "$(setting "$1")" ] && [ -w .env ] || return 0
    [ -z "$(tail -c 1 .env)" ] || echo >>.env
    printf '# Made here, since no registry answered; without this line it is asked again.\n%s=%s\n' \
        "$1" "$2" >>.env
    step "Wrote $1=$2 to .env"
}

have_images() { # Sage's and PostgreSQL's; set SAGE_IMAGE and SAGE_POSTGRES_IMAGE
    local image
    own_image=$(setting SAGE_IMAGE)
    target=$(setting SAGE_TARGET)
    target=${target:-runtime}
    export SAGE_IMAGE=${own_image:-sage-mcp:latest}
    have_sage_image || return
    have_base_image postgres || return
    remember SAGE_POSTGRES_IMAGE "$image"
    export SAGE_POSTGRES_IMAGE=$image
}
