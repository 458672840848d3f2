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


@pytest.mark.parametrize(
    ("encoding", "raw", "text"),
    [
        ("euc-jp", "AD B5", "Ⅰ"),
        ("euc-jp", "FC E0", "馞"),
        ("iso-2022-jp", "1B 24 42 2D 35", "Ⅰ"),
        ("iso-2022-jp", "1B 28 49 50", "ﾐ"),
        ("big5", "A3 E1", "€"),
        ("big5", "A1 45", "‧"),
        ("koi8-u", "AE", "ў"),
        ("windows-1255", "CA", "\u05ba"),
        ("windows-1252", "81", "\x81"),
        ("gbk", "80", "€"),
        ("shift_jis", "81 30", "\ufffd0"),
        ("x-mac-cyrillic", "80", "А"),
    ],
)
def test_bytes_are_read_by_the_tables_of_the_encoding_standard(encoding, raw, text):
    """Python's own decoders differ in each of these."""
    assert decode(bytes.fromhex(raw), f"text/html; charset={encoding}") == (text, encoding)


WEATHER = {
    "windows-1251": "Привет, это страница о погоде в Москве. Завтра будет дождь и ветер, а потом солнце.",
    "koi8-u": "Привет, это страница о погоде в Москве. Завтра будет дождь и ветер, а потом солнце.",
    "shift_jis": "これは日本語のページです。明日の天気は雨のち晴れでしょう。",
    "euc-jp": "これは日本語のページです。明日の天気は雨のち晴れでしょう。",
    "gbk": "这是一个中文网页，明天的天气是下雨转晴。欢迎来到我们的网站。",
    "big5": "這是一個中文網頁，明天的天氣是下雨轉晴。歡迎來到我們的網站。",
    "euc-kr": "이것은 한국어 페이지입니다. 내일 날씨는 비가 오다가 맑겠습니다.",
    "windows-1253": "Αυτή είναι μια ελληνική σελίδα για τον καιρό. Αύριο θα βρέξει.",
    "iso-8859-2": "Toto je česká stránka o počasí. Zítra bude pršet, později svítit slunce a foukat vítr.",
    "windows-1254": "Bu sayfa yarınki hava durumu hakkındadır. Güneşli ve rüzgârlı olacak, şemsiye almayın.",
    "windows-1252": "Größe und Überraschung: das Wetter für morgen wird schön, später Nebel.",
}


@pytest.mark.parametrize("encoding", WEATHER)
def test_an_encoding_that_nothing_declares_is_guessed(encoding):
    page = f"<title>{WEATHER[encoding]}</title><p>{WEATHER[encoding]}"
    assert decode(page.encode(encoding), HTML) == (page, encoding)


def test_a_page_in_utf_8_stays_so_with_a_broken_or_a_cut_byte():
    page = "<p>Größe – “Überraschung” €5 Příliš žluťoučký ".encode() * 20
    for broken in (page[:500] + b"\xff" + page[500:], page[:-1] + b"\xc3", page + b"\xe2\x82"):
        text, encoding = decode(broken, HTML)
        assert encoding == "utf-8"
        assert text.count("\ufffd") == 1
