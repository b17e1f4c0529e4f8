"""Figures of mixes made by others, against which a mix is held; no song of ours went into them.

24 commercial songs (ITIMA data of the Georgia Institute of Technology, read again): while the vocal sings it
is -3.5 LU against the backing, sd 1.8; its loudness range is 9.1 LU, 5.1 to 14.4 between the 10th and the
90th percentile.
"""

CONSTANT_VBR_LU = -3.5
CONSTANT_RANGE_LU = 9.1
PROFESSIONAL_VBR_LU = (-5.8, -1.2)  # mean and 1.28 standard deviations: 80 %
PROFESSIONAL_RANGE_LU = (5.1, 14.4)
