"""What the shapes of rows have in common."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Model
from ninja.schema import Schema


class RowShape(Schema):
    """A row as callers get it: most fields are columns with the same name."""

    @classmethod
    def of_row(cls, row: Model, **others: Any) -> Self:
        """The shape of a row; ``others`` are the fields that are no column of this name."""
        same = cls.model_fields.keys() - others.keys()
        return cls(**others, **{name: getattr(row, name) for name in same})
