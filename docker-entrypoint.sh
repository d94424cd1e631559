#!/bin/sh
# Start Sage in a container: the checks, the wait for the database and the migrations are in Python
# (sage/container.py). Anything that is not a verb of Sage is run as it stands.
set -eu
umask 077

case ${1:-serve} in
    /* | sh | python3)
        exec "$@"
        ;;
    serve)
        [ $# -eq 0 ] || shift
        exec python3 -m sage.container "$@"
        ;;
    *)
        exec sage "$@"
        ;;
esac
