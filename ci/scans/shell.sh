# shellcheck shell=bash disable=SC2016 # what is planted keeps its dollar signs
# Every shell script, also those without a suffix.

scan() {
    grep -rlE --exclude-dir=.git --exclude='*.py' '^#!.*\b(ba)?sh\b|^# shellcheck shell=' . | xargs shellcheck
}

plant_unquoted_variable() {
    printf '#!/bin/sh\nrm -r $1\n' >deploy/clean
    echo SC2086
}
