"""Columns as texts that the database makes. To turn each into an object of Python and back takes most of the
time of an export.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Func, TextField
from django.db.models.expressions import Combinable


class Moment(Func):
    """A moment in the form of :func:`pipelines.export.slices.moment_text`; null stays null."""

    output_field = TextField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps ``2026-03-10 12:00:00``, with six digits of a second if they are not all zero."""
        (column,) = self.get_source_expressions()
        text, values = compiler.compile(column)
        return f"(substr({text}, 1, 10) || 'T' || substr({text} || '.000', 12, 12) || 'Z')", [*values] * 2

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL cuts what is less than a millisecond, as we do."""
        form = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
        return super().as_sql(compiler, connection, template=form, **context)


def json_text(column: str | Combinable) -> Func:
    """A column of JSON as its text."""
    source = F(column) if isinstance(column, str) else column
    return Func(source, template="%(expressions)s", output_field=TextField())
