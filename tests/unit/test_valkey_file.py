"""The embedded Valkey's file: one that the server cannot read is set aside, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedded import valkey

LAST_WORDS = [
    "9:M 26 Nov 2026 21:16:29.125 # Bad file format reading the append only file appendonly.aof.1.incr.aof: "
    "make a backup of your AOF file, then use ./valkey-check-aof --fix <filename.manifest>",
    "9:M 26 Nov 2026 21:16:29.218 # Invalid AOF manifest file format",
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "appendonlydir").mkdir()
    (tmp_path / "appendonlydir" / "appendonly.aof.1.incr.aof").write_bytes(b"rubbish")
    return tmp_path / "valkey.log"


@pytest.mark.parametrize("words", LAST_WORDS)
def test_a_file_that_cannot_be_read_is_set_aside(log: Path, words: str):
    log.write_text(f"9:M * Server initialized\n{words}\n\n")
    aside = valkey.set_aside_broken_file(log.parent, log)
    assert aside is not None
    assert (aside / "appendonly.aof.1.incr.aof").read_bytes() == b"rubbish"
    assert not (log.parent / "appendonlydir").exists()


@pytest.mark.parametrize(
    "text", ["", "9:M * Ready to accept connections unix\n", f"{LAST_WORDS[0]}\n9:M * Ready to accept\n"]
)
def test_after_any_other_end_it_stays(log: Path, text: str):
    log.write_text(text)
    assert valkey.set_aside_broken_file(log.parent, log) is None
    assert (log.parent / "appendonlydir").exists()


def test_without_a_log_it_stays(log: Path):
    assert valkey.set_aside_broken_file(log.parent, log) is None
