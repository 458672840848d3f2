"""Each type reads what people and machines write, and refuses what it cannot read with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date as Date
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.reading.types import TYPES, check, convert

BASE = "https://shop.example/a/list"

NUMBERS = [
    ("de", "1.234,56", 1234.56),
    ("en", "1,234.56", 1234.56),
    ("fr", "1 234,56", 1234.56),
    ("fr", "1\u00a0234,56", 1234.56),
    ("fr", "1\u202f234,56", 1234.56),
    ("de-CH", "1'234.50", 1234.5),
    ("de-CH", "1’234.50", 1234.5),
    ("en-IN", "1,00,000", 100000),
    ("hi", "12,34,567.5", 1234567.5),
    ("ar", "٣٫٥", 3.5),
    ("hi", "१२", 12),
    ("ja", "１２．５", 12.5),
    ("de", "1.234", 1234),
    ("en", "1.234", 1.234),
    ("en", "1,234", 1234),
    ("de", "1,234", 1.234),
    ("de", "19.99", 19.99),
    ("en", "1.234,56", 1234.56),
    ("de-XX", "1.234", 1234),
    ("", "12", 12),
    ("", "12.5", 12.5),
    ("", "12,5", 12.5),
    ("", "0.123", 0.123),
    ("", "1234.567", 1234.567),
    ("", "1.234.567", 1234567),
    ("", "1,234,567", 1234567),
    ("", "1,234.5", 1234.5),
    ("", ".75", 0.75),
    ("", "0", 0),
    ("", "007", 7),
    ("", "-5", -5),
    ("", "−5 °C", -5),
    ("", "+5", 5),
    ("", "a-5", 5),
    ("", "a - 5", 5),
    ("", "12 %", 12),
    ("", "12,5%", 12.5),
    ("", "12 kg", 12),
    ("", "12kg", 12),
    ("", "120 m2", 120),
    ("", "120 m²", 120),
    ("de", "ab 12,5 kg", 12.5),
    ("", "from 12", 12),
    ("en", "(1,234)", 1234),
    ("", "No. 5", 5),
    ("", "Nr.5", 5),
    ("", "1e5", 100000),
    ("", "1.5E-3", 0.0015),
    ("", "1.2k", 1200),
    ("", "3M views", 3000000),
    ("de", "3,5 Mio.", 3500000),
    ("en", "2 million", 2000000),
    ("de", "2 Mrd. Euro", 2000000000),
    ("", "123456789012345", 123456789012345),
    ("", 12, 12),
    ("", 12.5, 12.5),
    ("", 9007199254740993, 9007199254740993),
]
NO_NUMBERS = [
    ("", "1.234", "1.234 or 1234: give the field a locale"),
    ("", "1,234", "1234 or 1.234"),
    ("x-none", "1.234", "give the field a locale"),
    ("", "", "'' is not a number"),
    ("", "ask us", "is not one number"),
    ("", "10-20", "is not one number"),
    ("", "4.5 out of 5", "is not one number"),
    ("", "12.05.2024", "is not one number"),
    ("", "10:30", "is not one number"),
    ("", "½", "is not one number"),
    ("", "1 ½", "is not one number"),
    ("", "10²", "is not one number"),
    ("", "5 billion", "is not one number"),
    ("", "1,2,3", "is not one number"),
    ("", "12345678901234567", "more than 15 digits"),
    ("", "1.0000000000000000000000000000001", "more than 15 digits"),
    ("", "1" * 600, "is not a number"),
    ("", True, "true is not a number"),
    ("", float("nan"), "not a number"),
    ("", 1 << 64, "64 bits"),
    ("", [1], "is not a number"),
]
AMOUNTS = [
    ("de", "EUR 12,-", 12, "EUR"),
    ("", "12 €", 12, "EUR"),
    ("de", "1.299,00 €", 1299, "EUR"),
    ("en", "1.299,00 €", 1299, "EUR"),
    ("", "£9.99", 9.99, "GBP"),
    ("", "₹ 1,00,000", 100000, "INR"),
    ("", "¥1,200", 1200, "JPY"),
    ("zh", "¥5", 5, "CNY"),
    ("ja", "1,200円", 1200, "JPY"),
    ("de-CH", "CHF 1'234.50", 1234.5, "CHF"),
    ("de-CH", "Fr. 12.–", 12, "CHF"),
    ("", "$5", 5, "USD"),
    ("en-US", "$1,234", 1234, "USD"),
    ("en-CA", "$5", 5, "CAD"),
    ("en-AU", "$5", 5, "AUD"),
    ("es-MX", "$5", 5, "MXN"),
    ("fr-CA", "12,50 $", 12.5, "CAD"),
    ("en-CA", "US$5", 5, "USD"),
    ("", "A$12", 12, "AUD"),
    ("", "NZD $12", 12, "NZD"),
    ("", "$ 12.99 USD", 12.99, "USD"),
    ("", "12 USD", 12, "USD"),
    ("", "eur 12", 12, "EUR"),
    ("de", "12,99 Euro inkl. MwSt.", 12.99, "EUR"),
    ("de", "ab 12,99 €*", 12.99, "EUR"),
    ("de", "TOP 12,99 €", 12.99, "EUR"),
    ("", "35€99", 35.99, "EUR"),
    ("sv", "12 kr", 12, "SEK"),
    ("da", "12 kr.", 12, "DKK"),
    ("nb", "12 kr", 12, "NOK"),
    ("", "12 kr SEK", 12, "SEK"),
    ("cs", "12 Kč", 12, "CZK"),
    ("pl", "1 299 zł", 1299, "PLN"),
    ("hu", "1 299 Ft", 1299, "HUF"),
    ("ru", "100 руб.", 100, "RUB"),
    ("", "Rs.500", 500, "INR"),
    ("pt-BR", "R$ 1.299,90", 1299.9, "BRL"),
    ("en", "-CA$1,234.50", -1234.5, "CAD"),
    ("", "1.299 €", 1299, "EUR"),
    ("en", "KWD 1.299", 1.299, "KWD"),
    ("", "12.50", 12.5, None),
    ("", 12.5, 12.5, None),
    ("", {"amount": 5, "currency": "EUR"}, 5, "EUR"),
    ("", {"price": "12.50", "priceCurrency": "EUR"}, 12.5, "EUR"),
]
NO_AMOUNTS = [
    ("", "ask us", "'ask us' is not an amount of money.$"),
    ("", "free", "step 'map'"),
    ("de", "kostenlos!", "step 'map'"),
    ("", "12,99 € / $13", "is not one amount"),
    ("", "20 % off", "percentage"),
    ("", "12 kr", "'kr' is the crown of several countries"),
    ("", "KWD 1.299", "give the field a locale"),
    ("", "12 USD EUR", "names EUR and USD"),
    ("", {"name": "x"}, "is not an amount"),
    ("", {"amount": 1, "currency": "euros"}, "is not an amount"),
    ("", True, "is not an amount"),
    ("", [], "is not an amount"),
]
DATES = [
    ("", "2026-03-05", "2026-03-05"),
    ("", "20260305", "2026-03-05"),
    ("", "2026-03-05T23:30:00Z", "2026-03-05"),
    ("", "Mon, 02 Mar 2026 10:00:00 GMT", "2026-03-02"),
    ("", "2026/03/05", "2026-03-05"),
    ("", "5.3.2026", "2026-03-05"),
    ("en-US", "5.3.2026", "2026-03-05"),
    ("", "13/02/2026", "2026-02-13"),
    ("", "02/13/2026", "2026-02-13"),
    ("", "02/02/2026", "2026-02-02"),
    ("en-GB", "01/02/2026", "2026-02-01"),
    ("en-US", "01/02/2026", "2026-01-02"),
    ("en", "01/02/2026", "2026-01-02"),
    ("fr-CA", "01/02/2026", "2026-02-01"),
    ("pt-BR", "01/02/2026", "2026-02-01"),
    ("nl", "05-06-2026", "2026-06-05"),
    ("sv", "01/02/2026", "2026-02-01"),
    ("en-GB", "12/03/26", "2026-03-12"),
    ("de", "12.3.98", "1998-03-12"),
    ("cs", "3. 6. 2026", "2026-06-03"),
    ("", "5 Mar 2026", "2026-03-05"),
    ("", "March 5th, 2026", "2026-03-05"),
    ("de", "12. März 2026", "2026-03-12"),
    ("de-AT", "Montag, 1. Juni 2026", "2026-06-01"),
    ("fr", "3 février 2026", "2026-02-03"),
    ("es", "3 de mayo de 2026", "2026-05-03"),
    ("ja", "2026年5月12日", "2026-05-12"),
    ("ru", "5 марта 2026 г.", "2026-03-05"),
    ("ar", "٣ مارس ٢٠٢٦", "2026-03-03"),
    ("", 1700000000, "2023-11-14"),
]
NO_DATES = [
    ("", "01/02/2026", "may be two days"),
    ("en-CA", "01/02/2026", "may be two days"),
    ("", "2026-02-30", "no such day"),
    ("de", "31.02.2026", "no such day"),
    ("de", "Mai 2026", "needs a day, a month and a year"),
    ("de", "12. Mai", "needs a day, a month and a year"),
    ("en", "2026", "needs a day"),
    ("en", "10:30", "needs a day"),
    ("en", "May 32, 2026", "needs a day"),
    ("en", "2 days ago", "depends on when it is read"),
    ("de", "vor 2 Tagen", "depends on when it is read"),
    ("de", "heute", "depends on when it is read"),
    ("en", "yesterday", "depends on when it is read"),
    ("", "soon", "is not a date"),
    ("", "", "is not a date"),
    ("", "a" * 300, "is not a date"),
    ("", 1e300, "is not a time in seconds"),
    ("", {}, "is not a date"),
]
MOMENTS = [
    ("", "", "2026-03-05T10:00:00Z", "2026-03-05T10:00:00+00:00"),
    ("", "", "2026-03-05 10:00", "2026-03-05T10:00:00+00:00"),
    ("", "Europe/Berlin", "2026-03-05 10:00", "2026-03-05T10:00:00+01:00"),
    ("", "Europe/Berlin", "2026-07-05T10:00:00", "2026-07-05T10:00:00+02:00"),
    ("", "Europe/Berlin", "2026-03-05T10:00:00+05:30", "2026-03-05T10:00:00+05:30"),
    ("", "", "Mon, 02 Mar 2026 10:00:00 EST", "2026-03-02T10:00:00-05:00"),
    ("de", "Europe/Berlin", "12. März 2026 um 14:30 Uhr", "2026-03-12T14:30:00+01:00"),
    ("en", "", "Jun 3 2026 10:00 PM EDT", "2026-06-03T22:00:00-04:00"),
    ("de", "Europe/Berlin", "5.3.2026, 10:15", "2026-03-05T10:15:00+01:00"),
    ("", "Asia/Tokyo", "2026-03-05", "2026-03-05T00:00:00+09:00"),
    ("", "", 1700000000, "2023-11-14T22:13:20+00:00"),
    ("", "", "1700000000000", "2023-11-14T22:13:20+00:00"),
]
OTHERS = [
    ("text", " a ", " a "),
    ("text", "a\0b\ud800", "ab"),
    ("text", 1.5, "1.5"),
    ("text", True, "true"),
    ("url", "b?c#d", "https://shop.example/a/b?c"),
    ("url", " //cdn.example/x ", "https://cdn.example/x"),
    ("boolean", "Yes", True),
    ("boolean", "ja", True),
    ("boolean", "oui", True),
    ("boolean", "1", True),
    ("boolean", 1, True),
    ("boolean", "Auf Lager.", True),
    ("boolean", "https://schema.org/InStock", True),
    ("boolean", "nein", False),
    ("boolean", "Non", False),
    ("boolean", "false", False),
    ("boolean", 0, False),
    ("boolean", "Sold out!", False),
    ("boolean", False, False),
    ("list", '[1, "a\\u0000"]', [1, "a"]),
    ("list", [1, {"a": "\0"}], [1, {"a": ""}]),
    ("object", '{"a": [true, null]}', {"a": [True, None]}),
]
NOT_OTHERS = [
    ("text", [1], "is not a text"),
    ("url", "mailto:me", "is not a web address"),
    ("url", "", "is not a web address"),
    ("url", 5, "is not a web address"),
    ("boolean", "maybe", "is not a yes or a no"),
    ("boolean", 2, "is not a yes or a no"),
    ("list", "{}", "is not a list"),
    ("list", "[" * 5000, "is not a list"),
    ("list", "[" * 60 + "]" * 60, "inside each other"),
    ("object", "[1]", "is not an object"),
    ("object", '{"a": 1e400}', "is not an object"),
    ("object", {"a": 1 << 70}, "64 bits"),
]


def converted(type, raw, locale="", zone=""):
    return convert(raw, type, locale=locale, zone=zone, base=BASE)


def refused(type, raw, reason, locale="") -> None:
    with pytest.raises(ValueError, match=reason):
        converted(type, raw, locale)


@pytest.mark.parametrize(("locale", "raw", "number"), NUMBERS)
def test_a_number_is_read(locale, raw, number) -> None:
    value = converted("number", raw, locale)
    assert (value, type(value)) == (number, type(number))


@pytest.mark.parametrize(("locale", "raw", "reason"), NO_NUMBERS)
def test_what_is_not_one_number_is_refused(locale, raw, reason) -> None:
    refused("number", raw, reason, locale)


@pytest.mark.parametrize(("locale", "raw", "amount", "currency"), AMOUNTS)
def test_an_amount_of_money_is_read(locale, raw, amount, currency) -> None:
    assert converted("money", raw, locale) == {"amount": amount, "currency": currency}


@pytest.mark.parametrize(("locale", "raw", "reason"), NO_AMOUNTS)
def test_what_is_not_one_amount_is_refused(locale, raw, reason) -> None:
    refused("money", raw, reason, locale)


@pytest.mark.parametrize(("locale", "raw", "date"), DATES)
def test_a_date_is_read(locale, raw, date) -> None:
    assert converted("date", raw, locale) == date


@pytest.mark.parametrize(("locale", "raw", "reason"), NO_DATES)
def test_what_is_no_day_is_refused(locale, raw, reason) -> None:
    refused("date", raw, reason, locale)


@pytest.mark.parametrize(("locale", "zone", "raw", "moment"), MOMENTS)
def test_a_moment_has_an_offset(locale, zone, raw, moment) -> None:
    assert converted("datetime", raw, locale, zone) == moment


@pytest.mark.parametrize(("type", "raw", "value"), OTHERS)
def test_other_types_are_read(type, raw, value) -> None:
    assert converted(type, raw) == value


@pytest.mark.parametrize(("type", "raw", "reason"), NOT_OTHERS)
def test_other_types_refuse_what_they_are_not(type, raw, reason) -> None:
    refused(type, raw, reason)


def test_nothing_stays_nothing() -> None:
    assert {converted(type, None) for type in TYPES} == {None}


def test_a_type_a_locale_and_a_zone_are_checked() -> None:
    check("money", "de-CH", "Europe/Zurich")
    check("text", "", "")
    for type, locale, zone, reason in [
        ("colour", "", "", "not a type"),
        ("date", "klingon", "", "not a locale"),
        ("date", "", "Mars/Base", "not a time zone"),
        ("date", "", "../etc", "not a time zone"),
    ]:
        with pytest.raises(ValueError, match=reason):
            check(type, locale, zone)


LOCALES = ("de", "en", "en-GB", "fr", "es", "it", "pt", "nl", "pl", "ja")
a_locale = st.sampled_from(LOCALES)
amounts = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100)


@given(a_locale, amounts)
@settings(deadline=None)
def test_numbers_are_read_back_as_their_locale_writes_them(locale, amount) -> None:
    written = format_decimal(amount, format="#,##0.00", locale=Locale.parse(locale, sep="-"))
    assert Decimal(repr(converted("number", written, locale))) == amount


@given(a_locale, amounts, st.sampled_from(("EUR", "USD", "GBP", "JPY", "CHF", "PLN", "INR")))
@settings(deadline=None)
def test_money_is_read_back_as_its_locale_writes_it(locale, amount, currency) -> None:
    written = format_currency(
        amount,
        currency,
        locale=Locale.parse(locale, sep="-"),
        currency_digits=False,
        decimal_quantization=False,
    )
    value = converted("money", written, locale)
    assert (Decimal(repr(value["amount"])), value["currency"]) == (amount, currency)


@given(a_locale, st.dates(Date(1970, 1, 1), Date(2060, 12, 31)), st.sampled_from(("short", "long")))
@settings(deadline=None)
def test_dates_are_read_back_as_their_locale_writes_them(locale, date, width) -> None:
    written = format_date(date, width, Locale.parse(locale, sep="-"))
    assert converted("date", written, locale) == date.isoformat()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10))
def test_a_decimal_is_kept_exactly(amount) -> None:
    value = converted("number", f"{amount:f}", "en")
    assert Decimal(json.dumps(value)) == amount


def test_the_heavy_libraries_wait_until_a_value_needs_them() -> None:
    code = (
        "import sys; from crawler.reading import types, steps; types.check('text', '', '');"
        "print({'babel', 'dateparser', 'price_parser'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
