"""Files that are no HTML, written by hand: PDF, XLSX, ODS, and deadly ones of each."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

Rows = Sequence[Sequence[object]]


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive; an entry ``mimetype`` is not compressed."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return file.getvalue()


def xlsx(sheets: Mapping[str, Rows] | None = None, *, sheet_xml: str = "") -> bytes:
    """A workbook with these sheets, or with one of this XML."""
    given = {"Sheet1": ()} if sheets is None else sheets
    numbers = range(1, len(given) + 1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, given, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    of_package = f'<Relationship Id="r" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
    workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{listed}</sheets></workbook>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relations(of_package),
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": _relations(relations),
    }
    for n, rows in zip(numbers, given.values(), strict=True):
        cells = sheet_xml or "".join(_xlsx_row(number, row) for number, row in enumerate(rows, 1))
        files[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return packed(files)


def _relations(parts: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{parts}</Relationships>'


def _xlsx_row(number: int, row: Sequence[object]) -> str:
    cells = "".join(
        _xlsx_cell(f"{chr(65 + at)}{number}", cell) for at, cell in enumerate(row) if cell is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _xlsx_cell(place: str, cell: object) -> str:
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'


def ods(rows: Rows = (), *, rows_xml: str = "") -> bytes:
    """A spreadsheet with one table of these rows, or of this XML."""
    cells = rows_xml or "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="One">{cells}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return packed({"mimetype": _ODS_TYPE, "META-INF/manifest.xml": manifest, "content.xml": content})


def _ods_cell(cell: object) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, int | float):
        value = f'office:value-type="float" office:value="{cell}"'
    else:
        value = 'office:value-type="string"'
    return f"<table:table-cell {value}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


def pdf(pages: Sequence[str], *, title: str = "", link: str = "") -> bytes:
    """A PDF with a line of text on each page, and a link on the first one."""
    annotation = (
        f"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI({link})>>>>]" if link else ""
    )
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Title({title})/Author(Ann)>>".encode(),
    ]
    for number, text in enumerate(pages):
        own = annotation if number == 0 else ""
        parts.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {6 + 2 * number} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>>>{own}>>".encode()
        )
        parts.append(stream(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode()))
    return assembled(parts)


def stream(content: bytes, *, filters: str = "") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(content), filters.encode(), content)


def assembled(parts: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1: the catalog first, what it says of itself fourth."""
    data = bytearray(b"%PDF-1.7\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer<</Size %d/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, start)
    return bytes(data)


def pdf_bomb(size: int) -> bytes:
    """A PDF whose page unpacks to ``size`` bytes of drawing, packed twice."""
    content = zlib.compress(zlib.compress(b"0 0 m 9 9 l S\n" * (size // 14), 9), 9)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 6 0 R>>"
    pages = b"<</Type/Pages/Count 1/Kids[5 0 R]>>"
    packed_twice = stream(content, filters="/Filter[/FlateDecode/FlateDecode]")
    return assembled([b"<</Type/Catalog/Pages 2 0 R>>", pages, b"<<>>", b"<<>>", page, packed_twice])


def sheet_bomb(size: int) -> bytes:
    """An XLSX with a sheet of ``size`` bytes of the same row."""
    row = "<row><c><v>1</v></c></row>"
    return xlsx(sheet_xml=row * (size // len(row)))


def sparse_sheet() -> bytes:
    """An XLSX of two cells, as far apart as a sheet is large: its reader would make room for 17 billion."""
    corners = [("1", "A1"), ("1048576", "XFD1048576")]
    return xlsx(
        sheet_xml="".join(f'<row r="{row}"><c r="{cell}"><v>1</v></c></row>' for row, cell in corners)
    )


def repeated_cells() -> bytes:
    """An ODS of one cell, repeated to 17 billion."""
    value = 'office:value-type="float" office:value="1"'
    cell = f'<table:table-cell table:number-columns-repeated="16384" {value}/>'
    return ods(rows_xml=f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')


def lying_sheet() -> bytes:
    """An XLSX whose sheet unpacks to more than its directory says."""
    whole = bytearray(xlsx({"One": [[n] for n in range(2000)]}))
    at = whole.rindex(b"xl/worksheets/sheet1.xml") - 46
    whole[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(whole)
