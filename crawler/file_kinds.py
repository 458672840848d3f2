"""Files that are no text and are read all the same, known by their bytes: PDF, XLSX and ODS."""

from __future__ import annotations

from functools import lru_cache

PDF, XLSX, ODS = "pdf", "xlsx", "ods"

_PDF_WITHIN = 1024  # bytes before which readers look for the mark, as Acrobat does
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ZIP_HEADER = 30  # bytes of a zip entry before its name
_TYPES = {
    "application/pdf": PDF,
    "application/x-pdf": PDF,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": XLSX,
    "application/vnd.oasis.opendocument.spreadsheet": ODS,
}


@lru_cache(maxsize=512)
def kind_of_type(content_type: str) -> str:
    """The kind of file that a content type promises; empty if that is none of these."""
    return _TYPES.get(content_type.partition(";")[0].strip().lower(), "")


def kind_of_bytes(body: bytes, content_type: str = "") -> str:
    """The kind of file that a body is, whatever its type says; empty if it is none of these.

    What a type promises is a PDF may have other bytes before its mark. ODS names itself in its first entry
    (OpenDocument 1.3, part 2, section 3.3); an XLSX is told by the name of its workbook.
    """
    if body.startswith(b"%PDF-"):
        return PDF
    if body.startswith(b"PK\x03\x04"):
        return _kind_of_zip(body)
    if kind_of_type(content_type) == PDF and b"%PDF-" in body[:_PDF_WITHIN]:
        return PDF
    return ""


def _kind_of_zip(body: bytes) -> str:
    if body.startswith(b"mimetype" + _ODS, _ZIP_HEADER):
        return ODS
    return XLSX if b"xl/workbook.xml" in body else ""
