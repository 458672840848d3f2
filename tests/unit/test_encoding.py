"""From bytes to text: the order of the HTML standard, and the prescan's corners."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.reading.encoding import decode

HTML = "text/html"

PRESCAN = [
    # charset
    (b'<meta charset="iso-8859-9">', "windows-1254"),
    (b"<meta charset='iso-8859-9'>", "windows-1254"),
    (b"<meta charset=ISO-8859-9>", "windows-1254"),
    (b"<META CHARSET=koi8-r>", "koi8-r"),
    (b"<meta\ncharset=koi8-r>", "koi8-r"),
    (b"<meta/charset=koi8-r>", "koi8-r"),
    (b"<meta charset = koi8-r >", "koi8-r"),
    (b'<meta charset="\nkoi8-r\n">', "koi8-r"),
    (b"<meta charset=\nkoi8-r\n>", "koi8-r"),
    (b"<meta charset=koi8-r/>", None),  # an unquoted value takes the slash
    (b"<meta charset=koi8-r />", "koi8-r"),
    (b"<metacharset=koi8-r>", None),
    (b"<meta charset=utf-16le>", "utf-8"),
    (b"<meta charset=x-user-defined>", "windows-1252"),
    (b"<meta charset=nonsense><meta charset=koi8-r>", "koi8-r"),
    (b"<meta charset=koi8-r><meta charset=euc-jp>", "koi8-r"),
    (b"<meta charset=euc-jp charset=koi8-r>", "euc-jp"),
    # quotes gone wrong
    (b'<meta charset="koi8-r>\n<p>"</p>', None),
    (b'<meta charset=koi8-r">\n<p>"</p>', None),
    (b'<meta " charset=koi8-r>\n<p>"</p>', "koi8-r"),
    (b'<meta test" charset=koi8-r>', "koi8-r"),
    (b'<meta test="" charset=koi8-r>', "koi8-r"),
    (b'<meta test=x" charset=koi8-r>', "koi8-r"),
    (b'<meta test=" charset=koi8-r>\n<p>"</p>', None),
    (b"<meta test='\" charset=koi8-r>\n<p>'\"</p>", None),
    # the pragma
    (b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r"),
    (b'<meta content="text/html; charset=koi8-r" http-equiv=content-type>', "koi8-r"),
    (b"<meta http-equiv=content-type content='text/html; charset = \"koi8-r\" '>", "koi8-r"),
    (b'<meta http-equiv=content-type content="charset charset=koi8-r;x">', "koi8-r"),
    (b"<meta http-equiv=content-type content='text/html; charset=\"koi8-r'>", None),
    (b'<meta http-equiv="Content-Style-Type" content="text/html; charset=koi8-r">', None),
    (b'<meta name="Content-Type" content="text/html; charset=koi8-r">', None),
    (b'<meta content="text/html; charset=koi8-r">', None),
    (b'<meta http-equiv=content-type content="charset=koi8-r" charset=euc-jp>', "euc-jp"),
    # what stands around it
    (b"<!-- <meta charset=euc-jp> --><meta charset=koi8-r>", "koi8-r"),
    (b"<!--><meta charset=koi8-r>", "koi8-r"),
    (b"<!-- <meta charset=koi8-r>", None),
    (b"<!doctype html><html lang=ru><head><title>x</title><meta charset=koi8-r>", "koi8-r"),
    (b"<?php x ?><meta charset=koi8-r>", "koi8-r"),
    (b"</ x><meta charset=koi8-r>", "koi8-r"),
    (b'<p title="x>\n<meta charset=koi8-r>\n<p>"</p>', None),
    (b'<p title="x>">\n<meta charset=koi8-r>', "koi8-r"),
    (b"<p title=<meta charset=koi8-r>", None),
    (b"a < b <meta charset=koi8-r>", "koi8-r"),
    (b"<script>'<meta charset=koi8-r>'</script>", "koi8-r"),
    # where it ends
    (b"<!--" + b"x" * 990 + b"--><meta charset=koi8-r>", "koi8-r"),
    (b"<!--" + b"x" * 1000 + b"--><meta charset=koi8-r>", None),
    (b"<meta charset=koi8-r", None),
    # XML declarations
    (b"<?xml version='1.0' encoding='koi8-r'?><html>", "koi8-r"),
    (b'<?xml version="1.0" encoding = "UTF-16"?><html>', "utf-8"),
    (b' <?xml version="1.0" encoding="koi8-r"?>', None),
    (b'<?xml version="1.0" encoding="koi8-r"?><meta charset=euc-jp>', "euc-jp"),
    (b"<\0?\0x\0m\0l\0", "utf-16le"),
    (b"\0<\0?\0x\0m\0l", "utf-16be"),
]


@pytest.mark.parametrize(("body", "name"), PRESCAN)
def test_the_prescan_finds_what_the_standard_says(body, name):
    assert decode(body, HTML)[1] == (name or "utf-8")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("text/html; charset=koi8-r", "koi8-r"),
        ('text/html; charset="KOI8-R"', "koi8-r"),
        ("text/html;charset='koi8-r'", "koi8-r"),
        ("text/html; charset=latin1", "windows-1252"),
        ("text/html; charset=nonsense", "euc-jp"),
        ("text/html; charset=", "euc-jp"),
        ("text/html", "euc-jp"),
        ("", "euc-jp"),
    ],
)
def test_the_header_counts_more_than_the_document(header, name):
    assert decode(b"<meta charset=euc-jp>", header)[1] == name


@pytest.mark.parametrize(
    ("body", "text", "name"),
    [
        (b"\xef\xbb\xbf\xc3\xa9", "é", "utf-8"),
        ("é".encode("utf-16"), "é", "utf-16le"),
        (b"\xfe\xff\0\xe9", "é", "utf-16be"),
    ],
)
def test_a_bom_counts_most_and_is_no_text(body, text, name):
    assert decode(body, "text/html; charset=koi8-r") == (text, name)


@pytest.mark.parametrize("kind", ["application/rss+xml", "text/xml", "application/xml; x=y"])
def test_xml_declares_itself(kind):
    body = '<?xml version="1.0" encoding="windows-1251"?><rss>да</rss>'.encode("windows-1251")
    text, name = decode(body, kind)
    assert name == "windows-1251"
    assert "да" in text


def test_a_meta_element_means_nothing_outside_html():
    assert decode(b"<meta charset=koi8-r>", "text/plain")[1] == "utf-8"
    assert decode(b"<meta charset=koi8-r>", "text/xml")[1] == "utf-8"


def test_bytes_that_are_utf8_are_taken_for_it():
    assert decode("naïve €".encode(), HTML) == ("naïve €", "utf-8")


def test_what_is_not_utf8_is_windows_1252():
    assert decode(b"na\xefve \x80 \x81", HTML) == ("naïve € \x81", "windows-1252")


def test_a_late_meta_is_better_than_a_guess():
    body = b"x" * 5000 + b"<meta charset=windows-1251>" + "да".encode("windows-1251")
    text, name = decode(body, HTML)
    assert (name, text[-2:]) == ("windows-1251", "да")


def test_what_is_wrong_becomes_a_replacement_character():
    assert decode(b"a\xffb", "text/html; charset=utf-8") == ("a\ufffdb", "utf-8")


@pytest.mark.parametrize(
    ("label", "python"),
    [("shift_jis", "cp932"), ("gb2312", "gb18030"), ("euc-kr", "cp949"), ("big5", "big5")],
)
def test_east_asian_encodings(label, python):
    body = "中文".encode(python)
    assert decode(body, f"text/html; charset={label}")[0] == "中文"


def test_an_encoding_that_would_hide_markup_is_replaced():
    assert set(decode(b"<script>", "text/html; charset=iso-2022-kr")[0]) == {"\ufffd"}


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([HTML, "", "text/plain", "application/xml"]))
def test_nothing_makes_it_fail(body, kind):
    decode(body, kind)


@settings(deadline=None)
@given(st.text(alphabet="<>!-/='\" \nmetacharsetutf-8?;", max_size=200))
def test_no_markup_makes_it_fail(text):
    decode(text.encode(), HTML)
