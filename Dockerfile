# syntax=docker/dockerfile:1
# The service, `sitwell serve`: built in one stage, run in another without a compiler, as nobody in particular, on a
# root that is read-only. See compose.yaml and docs/service.md.
#   docker build -t sitwell .
# For the nodes of a Ray cluster (docs/batch.md):
#   docker build -t sitwell-ray --target ray --build-arg EXTRAS=serve,ray,cloud,parquet \
#     --build-arg PACKAGES="ray[default]==2.60.0 s3fs" .

FROM python:3.12-slim AS build
ARG EXTRAS=serve,cloud
# More packages, such as what fsspec needs for URLs: s3fs, gcsfs, adlfs
ARG PACKAGES=
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY CMakeLists.txt LICENSE NOTICE README.md pyproject.toml ./
COPY core core
COPY src src
RUN python -m venv /opt/sitwell \
    && /opt/sitwell/bin/pip install --no-cache-dir ".[${EXTRAS}]" ${PACKAGES} \
    && /opt/sitwell/bin/pip uninstall --yes pip

FROM python:3.12-slim AS base
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin sitwell \
    && install -d -o sitwell -g sitwell /data
COPY --from=build /opt/sitwell /opt/sitwell
COPY LICENSE NOTICE /usr/share/doc/sitwell/
ENV PATH=/opt/sitwell/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp

# KubeRay starts `ray` from a login shell, which sets its own PATH, and asks with wget how a node is.
FROM base AS ray
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends wget \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /opt/sitwell/bin/ray /opt/sitwell/bin/sitwell /usr/local/bin/
USER 10001

FROM base AS service
ENV SITWELL_SERVICE_DATA=/data
USER 10001
VOLUME /data
EXPOSE 8750
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8750/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["sitwell"]
CMD ["serve", "--host", "0.0.0.0"]
