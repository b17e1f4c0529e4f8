"""`sitwell reverb`: what can be done with the reverb of a vocal; each command lives in a file of its own."""

import typer

from sitwell.cli.reverb_extract import extract

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Find, fit and render reverbs.")
app.command()(extract)
