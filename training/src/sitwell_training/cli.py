"""The door of `sitwell-train`: gathers its commands; each of them lives in a file of its own."""

from typing import Annotated

import typer

from sitwell.version import __version__
from sitwell_training import cli_dataset, cli_fit

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Teaches Sitwell from mixed songs: data sets, labels, models.",
)
cli_dataset.register(app)
cli_fit.register(app)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="print the version and stop")] = False,
) -> None:
    if version:
        typer.echo(f"sitwell-training for sitwell {__version__}")
        raise typer.Exit()


def run() -> None:
    """Start the command line."""
    app()
