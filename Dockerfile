# One image for every service; entrypoint.sh chooses what it runs. No heredocs, so that older builders do.
ARG PYTHON=python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
FROM ${PYTHON} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/venv
COPY requirements.lock /tmp/
RUN /opt/venv/bin/pip install --require-hashes --requirement /tmp/requirements.lock

FROM packages AS packages-monitoring
COPY requirements-monitoring.lock /tmp/
RUN /opt/venv/bin/pip install --require-hashes --requirement /tmp/requirements-monitoring.lock

FROM ${PYTHON} AS app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CRAWLBEAT_DATA=/data
RUN groupadd --gid 10001 crawlbeat \
    && useradd --uid 10001 --gid crawlbeat --no-create-home --home-dir /data --shell /usr/sbin/nologin crawlbeat \
    && install --directory --owner=crawlbeat --group=crawlbeat --mode=0750 /data /data/archive
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN python3 -m compileall -q . && SECRET_KEY=build python3 manage.py collectstatic --noinput --verbosity 0
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s CMD ["/app/entrypoint.sh", "health", "web"]
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["web"]

# The same with Flower, for compose.yml's profile "monitoring".
FROM app AS app-monitoring
COPY --from=packages-monitoring /opt/venv /opt/venv
CMD ["flower"]

# What a plain build gives.
FROM app
