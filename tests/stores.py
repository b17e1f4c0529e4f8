"""A real S3 protocol for tests: moto behind a server on loopback, and s3fs told by the environment where it is."""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def s3_bucket(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve an empty bucket and give its URL; processes that are started meanwhile find it too.

    One request after the other: moto looks for a name and writes it in two steps, which S3 does in one.
    """
    server_of, app = pytest.importorskip("werkzeug.serving"), pytest.importorskip("moto.server")
    s3fs: Any = pytest.importorskip("s3fs")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    backend = app.DomainDispatcherApplication(app.create_backend_app)
    server = server_of.make_server("127.0.0.1", 0, backend, threaded=False)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}", "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }.items():  # fmt: skip
        patch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        name = f"bucket-{secrets.token_hex(4)}"  # moto keeps buckets longer than a server lives
        s3fs.S3FileSystem().mkdir(name)
        yield f"s3://{name}"
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
        server.shutdown()
        serving.join()
        server.server_close()
