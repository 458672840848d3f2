"""Pages in a folder with what was read of them: read again without network, to be compared.

``crawlbeat fixtures`` writes such a folder: ``rules.json``, and for each page its answer as NAME.json beside
its body, which is the file that this names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crawler.collections import Collection
from crawler.reading.extractor import compile_collections
from crawler.reading.own_code import names
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord

RULES = "rules.json"
PAGES = "pages"


def page_names(folder: Path) -> list[str]:
    """The pages of a folder, in order."""
    return sorted(path.stem for path in (folder / PAGES).glob("*.json"))


def rehearse(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is read of a page now, and what was read when it was stored: values by collection."""
    rules = json.loads((folder / RULES).read_text(encoding="utf-8"))
    page = json.loads((folder / PAGES / f"{name}.json").read_text(encoding="utf-8"))
    names.look_in(Path(rules["extractors"]))
    document = read_document((folder / PAGES / page["body"]).read_bytes(), page["content_type"], "")
    document.url, document.status = page["url"], page["status"]
    document.headers = tuple((header, value) for header, value in page["headers"])
    document.body = (folder / PAGES / page["body"]).read_bytes()
    warnings: list[str] = []
    extractor = compile_collections(tuple(map(Collection.of, rules["collections"])))
    now = by_collection(extractor.read(document, warnings))
    return {"records": now, "problems": warnings}, {"records": page["records"], "problems": []}


def by_collection(records: list[ReadRecord]) -> dict[str, list[Any]]:
    """The values of records, as a reading keeps them."""
    values: dict[str, list[Any]] = {}
    for record in records:
        values.setdefault(record.collection, []).append(record.values)
    return json.loads(json.dumps(values))  # type: ignore[no-any-return]
