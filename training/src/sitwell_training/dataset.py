"""`sitwell-train dataset`: catalogues from data sets, their check, and their labels."""

import typer

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Make, check and label catalogues of mixed songs.",
)
