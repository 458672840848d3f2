"""Lists of other programs as seeds. A new one is a module and a line here."""

from collections.abc import Callable

from crawler.seeds.files.others import changedetection, urlwatch
from crawler.seeds.files.others.carried import Carried

OTHERS: dict[str, Callable[[str], Carried]] = {
    "changedetection": changedetection.carry_over,
    "urlwatch": urlwatch.carry_over,
}
