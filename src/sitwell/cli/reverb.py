"""`sitwell reverb`: what can be done with the reverb of a vocal; each command lives in a file of its own."""

import typer

from sitwell.cli.reverb_extract import extract

reverb = typer.Typer(name="reverb", no_args_is_help=True, help="Hear the reverb of a vocal.")


@reverb.callback()
def _group() -> None:
    """Keep `reverb` a group of commands, however few there are."""


reverb.command()(extract)
