"""Sound files in and out: the only home of soundfile, soxr and av, which load when first needed."""

from sitwell.io.decode import Info, codecs
from sitwell.io.disk import (
    make_folder,
    output_errors,
    read_text,
    refuse_overwriting_inputs,
    replacing,
    write_text_atomic,
)
from sitwell.io.encode import encode_mp3, format_of
from sitwell.io.guarded import Guard, Limits, shared_guard
from sitwell.io.read import MAX_SECONDS, common_rate, probe, read, read_streams
from sitwell.io.resample import resample
from sitwell.io.samples import map_samples, write_samples
from sitwell.io.spool import Spool
from sitwell.io.write import Writer, open_writer

__all__ = [
    "MAX_SECONDS",
    "Guard",
    "Info",
    "Limits",
    "Spool",
    "Writer",
    "codecs",
    "common_rate",
    "encode_mp3",
    "format_of",
    "make_folder",
    "map_samples",
    "open_writer",
    "output_errors",
    "probe",
    "read",
    "read_streams",
    "read_text",
    "refuse_overwriting_inputs",
    "replacing",
    "resample",
    "shared_guard",
    "write_samples",
    "write_text_atomic",
]
