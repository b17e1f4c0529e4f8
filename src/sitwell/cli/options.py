"""The options that several commands share: their names, their places and their help."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell.wishes import DEFAULT_METHOD, METHODS, STAGES, TARGETS

Vocal = Annotated[Path, typer.Argument(metavar="VOCAL", help="the vocal alone, raw or processed")]
Backing = Annotated[Path, typer.Argument(metavar="BACKING", help="the finished backing track, or catalog:ID")]
Out = Annotated[
    Path, typer.Option("-o", "--output", help="the mix; .wav .flac .ogg .mp3 .m4a .opus by its ending", metavar="OUT")
]
Stems = Annotated[
    Path | None, typer.Option("--stems", metavar="DIR", help="folder for vocal.wav, reverb.wav, backing.wav")
]
Report = Annotated[Path | None, typer.Option("--report", metavar="HTML", help="write a report to look at")]
Picture = Annotated[Path | None, typer.Option("--picture", metavar="SVG", help="draw spectrum and loudness")]
BitDepth = Annotated[str | None, typer.Option("--bit-depth", help="16, 24 or 32f for .wav, 16 or 24 for .flac")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="set a knob by hand, such as vocal.compressor.ratio=3"),
]
NamedOrFile = Annotated[
    str | None,
    typer.Option(
        "--reverb", metavar="NAME|JSON", help="a reverb by name or file, see `sitwell reverb`; level is solved"
    ),
]
Method = Annotated[
    str | None,
    typer.Option("--method", help=f"who decides: {', '.join(METHODS)}; {DEFAULT_METHOD} unless a model is named"),
]
Model = Annotated[
    Path | None, typer.Option("--model", metavar="BUNDLE", help="folder of a model of your own, which then decides")
]
Targets = Annotated[
    str,
    typer.Option(
        "--targets", metavar="NAME=VALUE,...", help=f"figures to reach, whoever decides: {', '.join(TARGETS)}"
    ),
]
Amount = Annotated[float, typer.Option("--amount", metavar="PCT", help="0 to 150 %: scales every move")]
VocalLevel = Annotated[
    float, typer.Option("--vocal-level", metavar="LU", help="vocal above (+) or below (-) its target")
]
VocalTone = Annotated[float, typer.Option("--vocal-tone", metavar="DB", help="vocal brighter (+) or darker (-)")]
ReverbLevel = Annotated[float, typer.Option("--reverb-level", metavar="DB", help="vocal wetter (+) or drier (-)")]
Loudness = Annotated[str, typer.Option("--loudness", metavar="LUFS|off", help="loudness of the mix, or off")]
Ceiling = Annotated[float, typer.Option("--ceiling", metavar="DBTP", help="highest true peak of the mix")]
Only = Annotated[str, typer.Option("--only", metavar="STAGE,...", help=f"switch all else off: {', '.join(STAGES)}")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")]
MaxMinutes = Annotated[float, typer.Option("--max-minutes", help="refuse longer files")]
