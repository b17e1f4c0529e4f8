"""Chooses who sets the aims, rules or a model, puts a person's own figures in their place, and solves."""

from collections.abc import Callable

from sitwell.decide.aims import Aims
from sitwell.decide.chain import Decision, require_singing, solve
from sitwell.decide.learned import model_aims
from sitwell.decide.rules import rule_aims
from sitwell.decide.stem import Stem
from sitwell.models import Bundle, default_bundle
from sitwell.plan import MixPlan
from sitwell.wishes import LEARNED, Wishes


def load_model(wishes: Wishes) -> Bundle | None:
    """Load the model that the wishes name or imply, None for the rules; raises ModelError."""
    if wishes.method != LEARNED:
        return None
    return default_bundle() if wishes.model is None else Bundle.load(wishes.model)


def decide(
    vocal: Stem,
    backing: Stem,
    wishes: Wishes,
    *,
    bundle: Bundle | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Decision:
    """Decide every stage; `bundle` is the wishes' model where it is loaded already.

    Raises InputError `vocal.not_found` when there is nothing to mix, and ModelError for a model that does not fit.
    """
    require_singing(vocal.track)
    bundle = bundle or load_model(wishes)
    aims = aims_of(vocal, backing, wishes, bundle=bundle)
    plan = MixPlan(method=wishes.method, model=None if bundle is None else bundle.identity)
    return solve(plan, (vocal, backing), aims, wishes, progress=progress)


def aims_of(vocal: Stem, backing: Stem, wishes: Wishes, *, bundle: Bundle | None) -> Aims:
    """Give what a song is solved for: by model or rules, with the figures that a person named."""
    correct = wishes.wants("equalizer") and (wishes.amount > 0 or wishes.vocal_tone_db != 0)
    aims = model_aims(bundle, vocal, backing, correct=correct) if bundle else rule_aims(vocal, correct=correct)
    return aims.by_hand(wishes)
