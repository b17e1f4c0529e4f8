"""`sitwell serve` and `sitwell keys`: the HTTP service and who may use it; loads the service only when it is wanted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sitwell.cli.door import door, print_json, say
from sitwell.engines import ENGINES, check_engine
from sitwell.errors import OutputError, PlanError

if TYPE_CHECKING:
    from sitwell.service.database import Database

keys = typer.Typer(no_args_is_help=True, help="API keys of the service: add, list, revoke, secret.")
Data = Annotated[
    Path, typer.Option("--data", metavar="DIR", envvar="SITWELL_SERVICE_DATA", help="folder of jobs, files and keys")
]
Tenant = Annotated[str, typer.Argument(metavar="TENANT", help="whose: letters, digits, _ and -")]
_DATA = Path("sitwell-service")


@door
def serve(
    data: Data = _DATA,
    host: Annotated[
        str, typer.Option("--host", help="address to listen on; others than loopback need a key")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 chooses a free one; the address is printed")] = 8750,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="mixes at a time; one a core unless told")
    ] = None,
    storage: Annotated[
        Path | None, typer.Option("--storage", metavar="DIR", help="DIR/TENANT/... is what storage: references mean")
    ] = None,
    catalog: Annotated[
        str | None, typer.Option("--catalog", metavar="DIR", help="a catalogue, path or URL, that all tenants may use")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help=" or ".join(ENGINES))] = "local",
    address: Annotated[
        str | None, typer.Option("--address", help="of a Ray cluster; RAY_ADDRESS, or one started here unless told")
    ] = None,
    max_upload_mb: Annotated[float, typer.Option("--max-upload-mb", min=0.001, help="largest request")] = 200.0,
    max_minutes: Annotated[float, typer.Option("--max-minutes", min=0.01, help="longest sound")] = 15.0,
    keep_days: Annotated[float, typer.Option("--keep-days", min=0, help="then ended jobs are deleted")] = 7.0,
    cache_mb: Annotated[
        float, typer.Option("--cache-mb", min=0, help="room for decoded backings, which next takes need not decode")
    ] = 4000.0,
    min_free_mb: Annotated[float, typer.Option("--min-free-mb", help="room on the disk that is left alone")] = 1000.0,
    requests_per_s: Annotated[
        float, typer.Option("--rate", min=0.1, help="requests a second a tenant may make")
    ] = 100.0,
    max_jobs: Annotated[int, typer.Option("--max-jobs", min=1, help="jobs of a tenant that have not ended")] = 1000,
    max_tenant_mb: Annotated[float, typer.Option("--max-tenant-mb", help="what a tenant's jobs may take")] = 20_000.0,
    lease_s: Annotated[
        float, typer.Option("--lease", min=1, help="seconds until a silent worker loses its job")
    ] = 20.0,
    grace_s: Annotated[float, typer.Option("--grace", min=0, help="seconds to finish jobs when stopping")] = 30.0,
    private_webhooks: Annotated[
        bool, typer.Option("--private-webhooks", help="allow webhooks to private addresses and over http")
    ] = False,
) -> None:
    """Run the HTTP service: jobs that survive crashes, many tenants, results by range requests."""
    check_engine(engine, address)
    try:
        from sitwell.service.serve import serve as run
        from sitwell.service.settings import Settings
    except ImportError as error:
        raise OutputError("service.missing", f"{error.name} is missing; pip install 'sitwell[serve]'") from None
    run(
        Settings(
            data=data, host=host, port=port, engine=engine, address=address, workers=workers, storage=storage,
            catalog=catalog, max_upload_mb=max_upload_mb, max_minutes=max_minutes, keep_days=keep_days,
            cache_mb=cache_mb,
            min_free_mb=min_free_mb, requests_per_s=requests_per_s, max_jobs=max_jobs, max_tenant_mb=max_tenant_mb,
            lease_s=lease_s, grace_s=grace_s, private_webhooks=private_webhooks,
        )
    )  # fmt: skip


@keys.command("add")
@door
def add(tenant: Tenant, data: Data = _DATA) -> None:
    """Make a key for a tenant; it is shown once, on stdout."""
    from sitwell.service import keys as kept

    typer.echo(kept.add(_database(data), tenant))
    say("keep it: it is stored as a hash and cannot be shown again")


@keys.command("list")
@door
def listed(data: Data = _DATA, as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """List keys by id and tenant."""
    from sitwell.service import keys as kept

    found = kept.listed(_database(data))
    if as_json:
        print_json({"keys": [{"id": key.id, "tenant": key.tenant, "created": key.created} for key in found]})
    else:
        typer.echo("\n".join(f"{key.id}  {key.tenant}" for key in found) or "no keys")


@keys.command("revoke")
@door
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="as listed")], data: Data = _DATA) -> None:
    """Take a key back; it stops working at once."""
    from sitwell.service import keys as kept

    if not kept.revoke(_database(data), key_id):
        raise PlanError("service.key", f"there is no key {key_id}; see `sitwell keys list`")


@keys.command("secret")
@door
def secret(tenant: Tenant = "local", data: Data = _DATA) -> None:
    """Show the secret that signs a tenant's webhooks."""
    from sitwell.service import keys as kept

    typer.echo(kept.webhook_secret(_database(data), tenant))


def _database(data: Path) -> "Database":
    from sitwell.service.database import Database

    data.mkdir(parents=True, exist_ok=True)
    return Database(data / "sitwell.sqlite")
