"""Adapters: how songs lie in the data sets people have; each file knows one layout and reads no sound."""

from sitwell_training.adapters import (
    cambridge,
    dsd100,
    medleydb,
    mixes,
    moisesdb,
    musdb18,
    musdb18_hq,
    pairs,
    plain,
)
from sitwell_training.adapters.found import Adapter, Found, Part, Skipped

ADAPTERS = (
    Adapter("musdb18", "MUSDB18, folders train and test with .stem.mp4 files", musdb18.find),
    Adapter("musdb18-hq", "MUSDB18-HQ, folders train and test with a folder of .wav files a song", musdb18_hq.find),
    Adapter("medleydb", "MedleyDB 1 or 2, folders X_STEMS with X_METADATA.yaml", medleydb.find),
    Adapter("moisesdb", "MoisesDB, a folder with data.json a song", moisesdb.find),
    Adapter("dsd100", "DSD100, folders Mixtures and Sources", dsd100.find),
    Adapter("cambridge", "Cambridge multitracks, folders of numbered tracks", cambridge.find),
    Adapter("plain", "folders with vocals.* and backing.*, or with stems that are summed", plain.find),
    Adapter("pairs", "the pairs that come with this project, with MANIFEST.csv", pairs.find),
    Adapter("mixes", "finished mixes, split by a separator", mixes.find),
)

__all__ = ["ADAPTERS", "Adapter", "Found", "Part", "Skipped"]
