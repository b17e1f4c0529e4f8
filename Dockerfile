# syntax=docker/dockerfile:1
# The service, `sitwell serve`: built in one stage, run in another without a compiler, as nobody in particular, on a
# root that is read-only. See compose.yaml and docs/service.md.

FROM python:3.12-slim AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY CMakeLists.txt LICENSE NOTICE README.md pyproject.toml ./
COPY core core
COPY src src
RUN python -m venv /opt/sitwell \
    && /opt/sitwell/bin/pip install --no-cache-dir ".[serve,cloud]"

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin sitwell \
    && install -d -o sitwell -g sitwell /data
COPY --from=build /opt/sitwell /opt/sitwell
COPY LICENSE NOTICE /usr/share/doc/sitwell/
ENV PATH=/opt/sitwell/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    SITWELL_SERVICE_DATA=/data
USER 10001
VOLUME /data
EXPOSE 8750
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8750/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["sitwell"]
CMD ["serve", "--host", "0.0.0.0"]
