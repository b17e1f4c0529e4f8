"""`sitwell-train dataset voices`: a list of vocals alone, for the equalizer."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell.cli.door import door, say


def register(app: typer.Typer) -> None:
    """Add the command to `sitwell-train dataset`."""
    app.command("voices")(make_voices)


@door
def make_voices(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where the vocals lie")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="VOICES.jsonl", help="the list")],
    files: Annotated[str, typer.Option("--files", metavar="PATTERN", help="which files, such as */wet.mp3")],
    artist_from: Annotated[
        str, typer.Option("--artist-from", metavar="REGEX", help="its first group, in a file's path, is the artist")
    ],
    dry: Annotated[bool, typer.Option("--dry", help="raw vocals: fit puts professional settings on them")] = False,
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="REGEX", help="artists to keep for testing, all of whose name matches"),
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="for the card of the model")] = "",
    source: Annotated[str, typer.Option("--source", help="for the card of the model")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no words")] = False,
) -> None:
    """List vocals without a backing, mixed or dry, or impulse responses, for `fit`."""
    from sitwell_training.equalizer.voices import find_voices, write_voices

    voices = find_voices(folder, files=files, artist=artist_from, dry=dry, licence=licence, source=source, test=test)
    write_voices(output, voices)
    artists = len({voice.artist for voice in voices})
    tests = sum(voice.split == "test" for voice in voices)
    say(f"{output}: {len(voices)} vocals by {artists} artists, {tests} of them kept for testing", quiet=quiet)
