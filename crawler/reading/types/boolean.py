"""The type ``boolean``: words for yes and no. The table is for all languages: none of them disagree."""

from __future__ import annotations

from crawler.reading.record import Value
from crawler.reading.types.setting import Setting, short_text, shown

_YES = (
    "true yes y on 1 ✓ ✔ ja wahr oui vrai sí si verdadero sim verdadeiro vero waar tak ano да"
    " evet kyllä はい 是"
)
_NO = (
    "false no n off 0 ✗ ✘ nein falsch non faux falso não nao nee onwaar nej nei nie ne нет hayır ei いいえ 否"
)
_IN_STOCK = (
    *("in stock", "instock", "available", "auf lager", "lieferbar", "verfügbar", "vorrätig", "en stock"),
    *("disponible", "disponibile", "op voorraad"),
)
_OUT_OF_STOCK = (
    *("out of stock", "outofstock", "sold out", "soldout", "unavailable", "not available", "nicht auf lager"),
    *("nicht lieferbar", "nicht verfügbar", "ausverkauft", "vergriffen", "rupture de stock", "épuisé"),
    *("en rupture de stock", "agotado", "esaurito", "non disponibile", "niet op voorraad", "uitverkocht"),
)
_WORDS = {
    **dict.fromkeys(_YES.split(), True),
    **dict.fromkeys(_IN_STOCK, True),
    **dict.fromkeys(_NO.split(), False),
    **dict.fromkeys(_OUT_OF_STOCK, False),
}
_OF_SCHEMA = "schema.org/"  # what an address of a word of its vocabulary holds


def boolean(raw: Value, setting: Setting) -> bool:
    """True or false, by a word that stands alone; also 1, 0, and availability by schema.org."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float) and raw in (0, 1):
        return bool(raw)
    word = short_text(raw, "a yes or a no").rstrip(".!")
    word = word.rpartition(_OF_SCHEMA)[2]
    answer = _WORDS.get(" ".join(word.casefold().split()))
    if answer is None:
        raise ValueError(f"{shown(raw)} is not a yes or a no. The step 'map' makes it 'yes' or 'no'.")
    return answer
