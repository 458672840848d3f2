"""Tags of a seed: words by which people group seeds, as they are written, with commas between them."""

from __future__ import annotations

MOST, LENGTH = 20, 40  # tags of a seed, and characters of one


def read_tags(text: str) -> list[str]:
    """The tags that a text says, each once and with single spaces. ValueError, with a sentence, for none."""
    tags: dict[str, str] = {}
    for part in text.replace("\n", ",").split(","):
        if tag := " ".join(part.split()):
            tags.setdefault(tag.casefold(), tag)
    if len(tags) > MOST:
        raise ValueError(f"A seed has at most {MOST} tags. Leave some out.")
    if long := next((tag for tag in tags.values() if len(tag) > LENGTH), ""):
        raise ValueError(f"A tag has at most {LENGTH} characters. Shorten {long[:LENGTH]!r}….")
    return list(tags.values())
