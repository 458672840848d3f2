"""What was written in the seed form before a page was tried, kept in the session until the form comes back.

Headers are left out: they are secret.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict

from crawler.seeds import lines
from djsite.browse.seeding.forms import SiteSeedForm
from djsite.browse.trials.taken import Taken, origin_of

_SLOT = "seed draft"
_LEFT_OUT = ("csrfmiddlewaretoken", "step", "headers")
_LONGEST = 200_000  # characters; a longer form is not kept


def keep(request: HttpRequest, key: str, seed: int | None) -> None:
    """Keep what the form says, for when the answer of a try leads back to it."""
    sent = request.POST.copy()
    for name in _LEFT_OUT:
        sent.pop(name, None)
    boxes = sent.urlencode()
    if len(boxes) <= _LONGEST:
        request.session[_SLOT] = {"key": key, "seed": seed, "boxes": boxes}


def kept(request: HttpRequest, taken: Taken, address: str, seed: int | None) -> QueryDict | None:
    """What was kept for this try, or for another try of one of its addresses; None without."""
    draft = request.session.get(_SLOT)
    number = request.GET.get("forecast", "")
    if draft and number.isdecimal() and draft["key"] == f"forecast-{number}" and draft["seed"] == seed:
        return QueryDict(draft["boxes"])
    if draft is None or not taken.tried or draft["seed"] != seed:
        return None
    boxes = QueryDict(draft["boxes"])
    addresses = lines(boxes.get("start_urls", ""))
    return boxes if draft["key"] == origin_of(taken) or address in addresses else None


def of_forecast(number: int) -> str:
    """The key of a draft that waits for a forecast."""
    return f"forecast-{number}"


def is_kept(request: HttpRequest, key: str) -> bool:
    """Whether what was written waits under this key."""
    return (request.session.get(_SLOT) or {}).get("key") == key


def forget(request: HttpRequest) -> None:
    """The form was saved."""
    request.session.pop(_SLOT, None)


def as_initial(form: SiteSeedForm) -> dict[str, Any]:
    """What a form that was sent says, as another form may begin with it, without telling mistakes."""
    names = set(form.fields) - (set() if "headers" in form.data else {"headers"})
    return {name: form[name].value() for name in names}
