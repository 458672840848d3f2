"""How pages write dates and counts, as expressions of RE2: in English, German, French, Spanish, Italian,
Portuguese and Dutch, and in digits everywhere.

Each takes the whole wording with its words, so that "1 minute ago" and "2 minutes ago" leave the same.
"""

from __future__ import annotations

_NUMBER = r"[0-9](?:[0-9.,'’  ]*[0-9])?"
_MONTHS = (
    "jan(?:uary|uar|vier|eiro|uari)?|jänner|enero|gen(?:naio)?"
    "|feb(?:ruary|ruar|rero|braio|ruari)?|févr?(?:ier)?|fev(?:ereiro)?"
    "|mar(?:ch|s|zo|ço)?|märz|mrz|maart|mrt"
    "|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?"
    "|may|mai|mayo|mag(?:gio)?|maio|mei"
    "|june?|juni|juin|junio|giu(?:gno)?|junho"
    "|july?|juli|juil(?:let)?|julio|lug(?:lio)?|julho"
    "|aug(?:ust|ustus)?|août|ago(?:sto)?"
    "|sept?(?:ember|embre|tembre|tiembre)?|set(?:tembre|embro)?"
    "|oct(?:ober|obre|ubre)?|okt(?:ober)?|ott(?:obre)?|out(?:ubro)?"
    "|nov(?:ember|embre|iembre|embro)?"
    "|dec(?:ember)?|dez(?:ember|embro)?|déc(?:embre)?|dic(?:iembre|embre)?"
)
_WEEKDAYS = (
    "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    "|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
)
_UNITS = (
    r"secs?|seconds?|min|mins|minutes?|hrs?|hours?|days?|weeks?|months?|yrs?|years?"
    r"|sekunden?|sek|minuten?|stunden?|std|tag(?:en?)?|wochen?|monat(?:en?)?|jahr(?:en?)?"
    r"|secondes?|heures?|jours?|semaines?|mois|ans?|années?"
    r"|segundos?|minutos?|horas?|días?|dias?|semanas?|mes(?:es)?|mês|años?|anos?"
    r"|second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]"
    r"|seconden?|uur|uren|dag(?:en)?|weken|week|maand(?:en)?|jaar|jaren"
    r"|mo|[smhdwy]"  # behind all others: to RE2, a word ends before an accent
)
_SOME = (
    rf"(?:{_NUMBER}|an?|one|a few|few|several|eine[mnr]?|wenigen|ein paar|une?|quelques|una?|unos|unas"
    r"|algun[oa]s|um|uma|alguns|algumas|pochi|poche|een|enkele)"
)
_SPAN = rf"(?:{_SOME}\s*(?:{_UNITS})\b\.?(?:(?:,|\s|and|und|et|y|e|en)+{_NUMBER}\s*(?:{_UNITS})\b\.?)*)"

_ABOUT = r"(?:(?:about|over|almost|etwa|ca\.|environ|circa)\s+)?"
_RELATIVE = (
    rf"\b{_SPAN}\s+(?:ago|earlier|fa|atrás|geleden)\b"
    rf"|\b(?:vor|il y a|hace|há|in|dans|en|tra|em|over)\s+{_ABOUT}{_SPAN}"
    rf"|\bhá\s+{_SPAN}"
    r"|\b(?:just now|moments ago|gerade eben|à l[’']instant)\b"
    r"|\b(?:today|yesterday|heute|gestern|hier|aujourd[’']hui|ayer|hoy|ieri|oggi|ontem|hoje|gisteren|vandaag)\b"
)
_TIME = (
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\b"
    r"(?:\s?(?:[ap]\.m\.|[ap]m\b))?(?:\s?(?:uhr|utc|gmt|ces?t|[ep][sd]t|z)\b|\s?[+-][0-9]{2}:?[0-9]{2}\b)?"
)
_YEAR = r"(?:,?\s+(?:de\s+|del\s+)?[12][0-9]{3}\b)"
_CALENDAR = (
    r"\b[12][0-9]{3}-[0-9]{2}-[0-9]{2}(?:t[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?"
    r"|\b[12][0-9]{3}[./][0-9]{1,2}[./][0-9]{1,2}\b"
    r"|\b[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[12][0-9]{3}|[0-9]{2})\b"
    rf"|(?:\b(?:{_WEEKDAYS})\b[.,]*\s+(?:the\s+|den\s+|le\s+)?)?"
    rf"(?:\b[0-9]{{1,2}}(?:st|nd|rd|th|er|[.º])?\s*(?:of\s+|de\s+)?\b(?:{_MONTHS})\b\.?{_YEAR}?"
    rf"|\b(?:{_MONTHS})\b\.?\s+(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\b{_YEAR}?|[12][0-9]{{3}}\b))"
)
DATES = (
    rf"(?i)(?:{_CALENDAR})(?:(?:,|\s|at|um|à|a las|alle|às|om|t)*\b{_TIME})?|\b{_TIME}"
    rf"|\b[0-9]{{1,2}}\s?(?:[ap]\.m\.|[ap]m\b|uhr\b)|{_RELATIVE}"
)
"""Dates, times of day, and relative dates such as "3 minutes ago", "vor 2 Stunden", "in 5 days"."""

_COUNTED = (
    r"views?|visits?|visitors?|viewers?|people|persons?|users?|members?|guests?|shoppers?|customers?|readers?"
    r"|watching|watchers?|online|likes?|shares?|comments?|replies|reply|downloads?|followers?|subscribers?"
    r"|ratings?|reviews?|votes?|times|sold|bought|clicks?|reads?|plays?|bookmarks?|favou?rites?|retweets?|answers?"
    r"|aufrufe?|besuche[rn]?|besuch|ansichten|personen|person|nutzer|mitglied(?:er)?|gäste?|gast|kommentare?"
    r"|antwort(?:en)?|abonnenten?|bewertung(?:en)?|stimmen?|mal|verkauft|klicks?|kunden|leser"
    r"|vues?|visites?|visiteurs?|personnes?|utilisateurs?|membres?|commentaires?|téléchargements?|abonnés?|avis|fois|vendus?"
    r"|vistas?|visitas?|visitantes?|personas?|usuarios?|miembros?|comentarios?|descargas?|seguidores|votos?|veces|vendidos?"
    r"|visualizzazion[ei]|visitator[ei]|person[ae]|utent[ei]|membr[oi]|comment[oi]|recension[ei]|volte|venduti"
    r"|visualizaç(?:ão|ões)|pessoas?|usuários?|comentários?|vezes|avaliaç(?:ão|ões)"
    r"|weergaven|bezoekers?|mensen|gebruikers?|leden|reacties?|beoordelingen|keer|verkocht"
)
_KIND = (
    r"(?:(?:other|more|new|total|unique|active|registered|verified|page|andere|weitere|neue|autres?|nouveaux"
    r"|otr[ao]s|nuev[ao]s)\s+)?"
)
_SHORT = r"(?:\s?(?:k|m|mio|tsd|mil)\b\.?)?\+?"
COUNTERS = (
    rf"(?i)\b{_NUMBER}{_SHORT}\s*{_KIND}(?:{_COUNTED})\b"
    rf"|\b(?:{_COUNTED})\s*(?::\s*{_NUMBER}{_SHORT}\b|\(\s*{_NUMBER}{_SHORT}\s*\))"
)
"""Numbers that stand for counts: "1,234 views", "12 people", "Views: 12", "Comments (3)"."""
