"""The product's settings with some values changed, for processes that ``environment.overridden`` starts."""

from __future__ import annotations

import json
import os

from djsite.settings import *  # noqa: F403

_VALUES = json.loads(os.environ["TEST_SETTINGS"])
if _UNKNOWN := _VALUES.keys() - globals().keys():
    raise LookupError(f"TEST_SETTINGS names what djsite.settings has not: {', '.join(_UNKNOWN)}")
globals().update(_VALUES)
