# shellcheck shell=bash disable=SC2016 # what is planted keeps its dollar signs
# The Dockerfile's style and traps.

scan() {
    hadolint --failure-threshold style Dockerfile || return 1
}

plant_unpinned_base() {
    sed -i 's/^ARG PYTHON_IMAGE=.*//; s/^FROM ${PYTHON_IMAGE}/FROM python:latest/' Dockerfile
    echo DL3007
}

plant_unquoted_variable() {
    sed -i '/^FROM scratch/i RUN rm -rf $HOME/x' Dockerfile
    echo SC2086
}
