"""Files that an attacker, a broken disk or a careless program would send; made here, none is stored."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests.io.sounds import noise, save, tone


def wav_header(*, channels: int = 2, rate: int = 44100, bits: int = 16, data_bytes: int = 0, tag: int = 1) -> bytes:
    """A WAV header that may say anything."""
    step = channels * bits // 8
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * step & 0xFFFFFFFF, step & 0xFFFF, bits)
    size = 36 + data_bytes & 0xFFFFFFFF
    return b"RIFF" + struct.pack("<I", size) + b"WAVEfmt \x10\0\0\0" + fmt + b"data" + struct.pack("<I", data_bytes)


def box(name: bytes, *parts: bytes) -> bytes:
    """A box of an MP4 file."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def greedy_mp4() -> bytes:
    """An MP4 whose tables claim four thousand million entries: reserving them would take all memory."""
    many = struct.pack(">I", 0xFFFFFFF0)
    sample = struct.pack(">IHHIIHHHHI", 0, 0, 1, 0, 0, 2, 16, 0, 0, 44100 << 16)
    stsd = box(b"stsd", bytes(4), struct.pack(">I", 1), box(b"mp4a", sample))
    tables = [
        box(b"stts", bytes(4), many, bytes(64)),
        box(b"stsc", bytes(4), many, bytes(64)),
        box(b"stsz", bytes(8), many, bytes(64)),
        box(b"stco", bytes(4), many, bytes(64)),
    ]
    header = bytes(12) + struct.pack(">II", 44100, 44100 * 60)
    media = box(
        b"mdia",
        box(b"mdhd", header, bytes(4)),
        box(b"hdlr", bytes(8), b"soun", bytes(13)),
        box(b"minf", box(b"smhd", bytes(8)), box(b"stbl", stsd, *tables)),
    )
    track = box(b"trak", box(b"tkhd", bytes(4), bytes(80)), media)
    return box(b"ftyp", b"M4A \0\0\0\0M4A ") + box(b"moov", box(b"mvhd", bytes(100)), track) + box(b"mdat", bytes(64))


def silence_bomb(path: Path, *, seconds: int, says: int | None = None) -> Path:
    """A FLAC of silence, some bytes a second, whose header tells another number of samples (0: unknown)."""
    with soundfile.SoundFile(path, "w", 8000, 1, format="FLAC") as file:
        second = np.zeros(8000, dtype=np.int16)
        for _ in range(seconds):
            file.write(second)
    if says is not None:
        raw = bytearray(path.read_bytes())
        raw[21] &= 0xF0  # STREAMINFO: the 36 bits from here count samples (RFC 9639, section 8.2)
        raw[22:26] = struct.pack(">I", says)
        path.write_bytes(bytes(raw))
    return path


HEADERS: dict[str, bytes] = {
    "no channels.wav": wav_header(channels=0, data_bytes=64) + bytes(64),
    "65535 channels.wav": wav_header(channels=65535, data_bytes=64) + bytes(64),
    "one hertz.wav": wav_header(rate=1, data_bytes=64) + bytes(64),
    "four gigahertz.wav": wav_header(rate=0xFFFFFFFF, data_bytes=64) + bytes(64),
    "0 bits.wav": wav_header(bits=0, data_bytes=64) + bytes(64),
    "unknown encoding.wav": wav_header(tag=0xABCD, data_bytes=64) + bytes(64),
    "two gigabytes promised.wav": wav_header(data_bytes=0x7FFE0000) + bytes(64),
    "endless chunks.wav": b"RIFF\xff\xff\xff\x7fWAVE" + b"junk\0\0\0\0" * 20_000,
    "greedy tables.m4a": greedy_mp4(),
    "box in itself.m4a": box(b"ftyp", b"M4A \0\0\0\0") + struct.pack(">I4s", 0xFFFFFFFF, b"moov") + bytes(64),
    "deep boxes.m4a": box(b"ftyp", b"M4A \0\0\0\0") + b"".join(struct.pack(">I4s", 9000, b"moov") for _ in range(500)),
    "endless tag.mp3": b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(1000),
    "empty pages.ogg": (b"OggS\0\0" + bytes(20) + b"\1\0") * 3000,
    "playlist.mp3": b"#EXTM3U\nhttp://127.0.0.1/secret\n",
    "concat.wav": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "playlist in a box.m4a": box(b"ftyp", b"M4A \0\0\0\0") + b"#EXTM3U\nfile:///etc/passwd\n",
    "nothing.flac": b"",
    "script.webm": b"\x1aE\xdf\xa3" + b"<script>alert(1)</script>" * 20,
}


def write_headers(folder: Path) -> list[Path]:
    """Write all of these."""
    for name, content in HEADERS.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in HEADERS]


def mutated(whole: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file: some bytes of its head or anywhere, a piece left out, doubled, or its end."""
    damaged = bytearray(whole)
    reach = 200 if rng.random() < 0.5 else len(damaged)
    for at in rng.integers(4, reach, size=int(rng.integers(1, 12))):
        damaged[at] = int(rng.integers(0, 256))
    start = int(rng.integers(0, len(damaged)))
    stop = start + int(rng.integers(0, 2000))
    how: list[Callable[[], bytes]] = [
        lambda: bytes(damaged),
        lambda: bytes(damaged[:start]),
        lambda: bytes(damaged[:start] + damaged[stop:]),
        lambda: bytes(damaged[:stop] + damaged[start:]),
    ]
    return how[int(rng.integers(0, len(how)))]()


def samples(folder: Path) -> list[Path]:
    """One small good file of each format that needs no other program to write."""
    sound = tone(0.5, rate=48000) + noise(0.5, rate=48000, level=0.01)
    return [
        save(folder / f"good{suffix}", sound, rate=48000)
        for suffix in (".wav", ".aiff", ".caf", ".flac", ".ogg", ".opus", ".mp3")
    ]
