"""Compression rule: bring the vocal's loudness range to 14 LU at most; below that, leave it alone.

Sources: EBU Tech 3342 for the range (3 s windows); the 14 LU ceiling is Sitwell's starting point (of 21
commercial lead vocals 14 % exceed it).
"""

from sitwell.decide.aims import RULES, Aim

TARGET_LU = 14.0
SOURCE = "EBU Tech 3342; Giannoulis et al., JAES 2013"
AIM = Aim(TARGET_LU, RULES, SOURCE)
