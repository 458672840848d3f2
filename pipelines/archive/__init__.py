"""The archive: batch folders of whole objects, kept through Django's storage alias ``archive``.

A batch folder holds the segment (:mod:`pipelines.archive.warc`) and, until the batch is stored, what one
stage hands to the next (:mod:`pipelines.handover`), as msgpack compressed by zstd. Objects are written once
and whole, so a shared folder and S3 work alike. In a folder, the bodies lie beside the segment until they
are parsed (:mod:`pipelines.archive.bodies`).
"""

from pipelines.archive.bodies import delete_bodies, read_bodies, write_bodies
from pipelines.archive.objects import (
    BATCHES,
    FETCHED,
    PARSED,
    SEGMENT,
    ArchiveError,
    ArchiveFull,
    ObjectDamaged,
    ObjectMissing,
    content_digest,
    delete_folder,
    delete_object,
    dump,
    last_write_failure,
    load,
    new_folder,
    object_size,
    open_object,
    read_object,
    storage,
    write_file,
    write_object,
)
from pipelines.archive.segments import (
    is_sound,
    open_segment,
    read_body,
    read_body_at,
    read_headers_at,
    read_record_at,
)
from pipelines.archive.warc import SegmentWriter

__all__ = [
    "BATCHES",
    "FETCHED",
    "PARSED",
    "SEGMENT",
    "ArchiveError",
    "ArchiveFull",
    "ObjectDamaged",
    "ObjectMissing",
    "SegmentWriter",
    "content_digest",
    "delete_bodies",
    "delete_folder",
    "delete_object",
    "dump",
    "is_sound",
    "last_write_failure",
    "load",
    "new_folder",
    "object_size",
    "open_object",
    "open_segment",
    "read_bodies",
    "read_body",
    "read_body_at",
    "read_headers_at",
    "read_object",
    "read_record_at",
    "storage",
    "write_bodies",
    "write_file",
    "write_object",
]
