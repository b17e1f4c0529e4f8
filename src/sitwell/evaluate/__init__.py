"""How good a method is: measures, damage, tables; judges, and changes nothing."""

from sitwell.evaluate.contestants import Contestants, choose_methods
from sitwell.evaluate.evaluation import Evaluation, evaluate, notes_on, refuse_if_none
from sitwell.evaluate.listening import write_listening
from sitwell.evaluate.picture import draw
from sitwell.evaluate.select import choose_songs
from sitwell.evaluate.settings import Settings
from sitwell.evaluate.text import markdown
from sitwell.evaluate.write import write

__all__ = [
    "Contestants",
    "Evaluation",
    "Settings",
    "choose_methods",
    "choose_songs",
    "draw",
    "evaluate",
    "markdown",
    "notes_on",
    "refuse_if_none",
    "write",
    "write_listening",
]
