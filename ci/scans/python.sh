# shellcheck shell=bash
# Python that is unsafe in general: bandit.

# Held line by line by ruff, with the reason beside each exception (S104, S105, S106, S108, S311, S404,
# S603, S606, S607, S704); bandit knows no such comments.
held_by_ruff=B104,B105,B106,B108,B311,B404,B603,B606,B607,B704

scan() {
    bandit --quiet --recursive --skip "$held_by_ruff" ci deploy nix sage || return 1
}

plant_evaluation() {
    printf 'import sys\n\nprint(eval(sys.argv[1]))\n' >sage/domain/planted.py
    echo B307
}

plant_shell() {
    printf 'import subprocess\n\nsubprocess.run("ls " + input(), shell=True)\n' >ci/planted.py
    echo B602
}
