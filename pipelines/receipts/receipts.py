"""The entry of receipts: of a record's present values, or of values that it had before."""

from __future__ import annotations

from django.conf import settings

from catalog.models import Record, RecordVersion, RuleSet, Snapshot
from crawler.reading.own_code import names
from crawler.rules.robots import agent_token
from pipelines.archive import ArchiveError
from pipelines.parse.stored import StoredBodies
from pipelines.receipts.child import read_in_child
from pipelines.receipts.order import Order, Receipt
from pipelines.store.identity import position_of

GONE = "This is not kept any more."


def receipt_of(record_id: int, earlier_id: int | None = None) -> Receipt:
    """What the archive says of a record's present values, or of earlier ones.

    What is not kept any more is said in its ``problem``.
    """
    record = Record.objects.select_related("seed").filter(pk=record_id).first()
    if record is None:
        return Receipt(problem=GONE)
    if earlier_id is None:
        return _receipt(record, record)
    earlier = record.earlier.filter(pk=earlier_id).first()
    return _receipt(record, earlier) if earlier is not None else Receipt(problem=GONE)


def _receipt(record: Record, values: Record | RecordVersion) -> Receipt:
    order = order_of(record, values)
    return Receipt(problem=order) if isinstance(order, str) else read_in_child(order)


def order_of(record: Record, values: Record | RecordVersion) -> Order | str:
    """What is needed to read values of a record once more; a sentence if it is not kept."""
    version = Snapshot.objects.filter(pk=values.snapshot_id).select_related("page").first()
    rules = RuleSet.objects.filter(pk=values.rule_set_id).first()
    if version is None or rules is None:
        return "The version from which these values were read has been pruned."
    collection = next((each for each in rules.rules if each["name"] == record.collection), None)
    if collection is None:
        return "Crawlbeat 0.1 read these values; how was not kept."
    try:
        stored = StoredBodies([version.pk]).read(version.pk, headers=True)
    except ArchiveError as error:
        return f"The stored page is not there: {error}."
    key, position = name_of(record, version.page.fingerprint)
    return Order(
        url=version.final_url,
        body=stored.body,
        content_type=stored.content_type,
        headers=tuple(stored.headers),
        agent=agent_token(record.seed.user_agent or settings.USER_AGENT).lower() or "robots",
        collection=collection,
        key=key,
        position=position,
        extractors=str(names.folder()),
    )


def name_of(record: Record, fingerprint: int) -> tuple[list[str], int]:
    """The key of a record, or its position on the page that has this fingerprint."""
    return record.key, 0 if record.key else position_of(record.key_hash, fingerprint)
