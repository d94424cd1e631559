# shellcheck shell=bash disable=SC2034 # who sources this reads them
# How the start script and what it calls speak, and how they read settings. Sourced, never run.

say() { printf '%s\n' "$*" >&2; }
paint() { # STYLE TEXT: for standard error, plain where colours are not wanted
    if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then printf '\033[%sm%s\033[0m' "$1" "$2"; else printf '%s' "$2"; fi
}
step() { say "$(paint 2 "$*")"; } # what is being done, faint on a terminal
fail() {                          # CODE MESSAGE [FIX]
    say "${0##*/}: $2"
    [ $# -lt 3 ] || say "  fix: $3"
    exit "$1"
}

# What is wrong and how to mend it, where a function says no.
trouble='' fix=''

wrong() { # TROUBLE FIX
    trouble=$1 fix=$2
    return 1
}

setting() { # NAME: its value in the environment, else in .env, else nothing
    if [ -n "${!1:-}" ]; then
        printf '%s' "${!1}"
    elif [ -f .env ]; then
        sed -n "s/^[[:space:]]*\(export[[:space:]]*\)\{0,1\}$1[[:space:]]*=//p" .env | tail -n 1 |
            sed -e "s/^[[:space:]]*'\([^']*\)'.*/\1/" -e t -e 's/^[[:space:]]*"\([^"]*\)".*/\1/' -e t \
                -e 's/[[:space:]]#.*//' -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' | tr -d '\n'
    fi
}

random_hex() { od -An -vtx1 -N32 /dev/urandom | tr -d ' \n'; } # 256 random bits
