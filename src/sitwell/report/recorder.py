"""What a report needs, collected while the mix is rendered."""

from sitwell.audio import Samples
from sitwell.decide import Stem
from sitwell.plan import MixPlan
from sitwell.render import StemBlock


class Recorder:
    """Listens to a rendering."""

    def __init__(self, plan: MixPlan, vocal: Stem, backing: Stem) -> None:
        self.plan, self.vocal, self.backing = plan, vocal, backing

    def process(self, parts: StemBlock | None, mix: Samples) -> None:
        """Take one step of a rendering."""
