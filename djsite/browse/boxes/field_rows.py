"""Fields of every page as rows of two boxes, a name and a rule; their value is a line for each."""

from __future__ import annotations

from typing import Any

from django import forms


class FieldRows(forms.Textarea):
    """Reads ``NAME-name`` and ``NAME-rule``, as often as they come; or lines, where a text was sent."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The rows as lines, ``name = rule``; empty rows are none."""
        if name in data or not hasattr(data, "getlist"):
            return super().value_from_datadict(data, files, name)
        rows = zip(data.getlist(f"{name}-name"), data.getlist(f"{name}-rule"), strict=False)
        written = ((left.strip(), right.strip()) for left, right in rows)
        return "\n".join(f"{left} = {right}" for left, right in written if left or right)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether neither rows nor a text were sent."""
        return name not in data and f"{name}-name" not in data
