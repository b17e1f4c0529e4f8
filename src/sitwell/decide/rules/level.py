"""Level rule: the vocal 3 dB below the mix, that is as loud as the backing while it sings.

Source: De Man et al., "An analysis and evaluation of audio features for multitrack music mixtures",
ISMIR 2014, and the vocal-to-mix median of -3.05 LU over student mixes in De Man's thesis.
"""

from sitwell.decide.aims import RULES, Aim

TARGET_VBR_LU = 0.0  # vocal-to-mix -3.01 dB
SOURCE = "De Man et al., ISMIR 2014: vocal about -3 LU against the mix"
AIM = Aim(TARGET_VBR_LU, RULES, SOURCE)
