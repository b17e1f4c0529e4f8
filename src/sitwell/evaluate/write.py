"""An evaluation as files: figures, tables and a picture, each whole or not at all."""

import json
from pathlib import Path

from sitwell import io
from sitwell.evaluate.evaluation import Evaluation
from sitwell.evaluate.picture import draw
from sitwell.evaluate.text import markdown


def write(evaluation: Evaluation, folder: Path) -> None:
    """Write evaluation.json, evaluation.md and evaluation.svg into a folder, which is made."""
    io.make_folder(folder)
    text = json.dumps(evaluation.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
    io.write_text_atomic(folder / "evaluation.json", text + "\n")
    picture = draw(evaluation)
    io.write_text_atomic(folder / "evaluation.svg", picture)
    words = markdown(evaluation).replace("\n\n", "\n\n![Figures of each method](evaluation.svg)\n\n", 1)
    io.write_text_atomic(folder / "evaluation.md", words)
