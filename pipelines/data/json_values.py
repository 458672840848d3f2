"""SQL for the values in a column of JSON objects, the same on SQLite and PostgreSQL.

The source is a column of objects, or an expression that gives one. No value of a row can make a statement
fail: what is no number has no number.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, DecimalField, Func, TextField
from django.db.models.expressions import Combinable

Source = Combinable | str
Sql = tuple[str, Any]


def _compiled(compiler: Any, function: Func) -> Sql:
    """The SQL of what a function is given, and its parameters."""
    sql, params = compiler.compile(function.source_expressions[0])
    return sql, list(params)


class _OfField(Func):
    """What a field of the objects has, by the name of the field."""

    def __init__(self, source: Source, name: str = "", **extra: Any) -> None:
        super().__init__(source, **extra)
        self.name = name

    @property
    def path(self) -> str:
        """The field as SQLite's JSON functions name it."""
        return f"$.{json.dumps(self.name, ensure_ascii=False)}"

    def _source(self, compiler: Any) -> Sql:
        return _compiled(compiler, self)


class NumberOf(_OfField):
    """The number in a field: of money, its amount; NULL for what is no number."""

    output_field = DecimalField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        source, params = self._source(compiler)
        amount = f"{self.path}.amount"
        sql = (
            f"(CASE WHEN json_type({source}, %s) IN ('integer', 'real') THEN json_extract({source}, %s)"
            f" WHEN json_type({source}, %s) IN ('integer', 'real') THEN json_extract({source}, %s) END)"
        )
        return sql, [*params, self.path, *params, self.path, *params, amount, *params, amount]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        source, params = self._source(compiler)
        value, given = f"({source} -> %s::text)", [*params, self.name]
        sql = (
            f"(CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value} #>> '{{}}')::numeric"
            f" WHEN jsonb_typeof({value} -> 'amount') = 'number' THEN ({value} ->> 'amount')::numeric END)"
        )
        return sql, given * 4


class TextOf(_OfField):
    """A field as text: what is nested as JSON, yes and no as ``true`` and ``false``; NULL without a value."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        source, params = self._source(compiler)
        sql = (
            f"(CASE json_type({source}, %s) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'"
            f" ELSE CAST(json_extract({source}, %s) AS TEXT) END)"
        )
        return sql, [*params, self.path] * 2

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        source, params = self._source(compiler)
        return f"({source} ->> %s::text)", [*params, self.name]


class Lowered(Func):
    """A text in small letters, of those of ASCII, and in the order of its code points: on both databases."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        return self.as_sql(compiler, connection, function="LOWER", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        template = 'LOWER((%(expressions)s) COLLATE "C")'
        return self.as_sql(compiler, connection, template=template, **context)


class _Condition(Func):
    output_field = BooleanField()

    def _operand(self, compiler: Any) -> Sql:
        return _compiled(compiler, self)


class Compares(_Condition):
    """A number or text beside an operand: ``=``, ``<`` or ``>`` and so on; false where there is none."""

    def __init__(self, left: Combinable, sign: str = "=", operand: float | str = "", **extra: Any) -> None:
        super().__init__(left, **extra)
        assert sign in ("=", "<", ">", "<=", ">=")
        self.sign, self.operand = sign, operand

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        left, params = self._operand(compiler)
        return f"COALESCE({left} {self.sign} %s, 0)", [*params, self.operand]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        left, params = self._operand(compiler)
        if isinstance(self.operand, float):
            return f"COALESCE({left} {self.sign} %s::numeric, FALSE)", [*params, Decimal(str(self.operand))]
        return f'COALESCE({left} COLLATE "C" {self.sign} %s, FALSE)', [*params, self.operand]


class SaysNothing(_Condition):
    """Whether a text is missing, or that of a value that says nothing: an empty text, list or object."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Sql:  # type: ignore[override]
        text, params = self._operand(compiler)
        return f"COALESCE({text}, '') IN ('', '[]', '{{}}')", params


class LooksLikeDate(_Condition):
    """Whether a text begins as ISO 8601 writes days."""

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        left, params = self._operand(compiler)
        pattern = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
        return f"COALESCE({left} GLOB %s, 0)", [*params, pattern]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        left, params = self._operand(compiler)
        return f"COALESCE({left} ~ %s, FALSE)", [*params, r"^\d{4}-\d\d-\d\d"]


class AnyValueContains(_Condition):
    """Whether a field of the objects, whichever, contains a text; what is nested is looked at as JSON."""

    def __init__(self, source: Source, text: str = "", **extra: Any) -> None:
        super().__init__(source, **extra)
        self.text = text

    @property
    def _stands_in_json(self) -> bool:
        """Whether it stands in the objects as it is, or with \\u…: one look then spares most others."""
        return self.text in json.dumps(self.text, ensure_ascii=False)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        source, params = self._operand(compiler)
        if self.text.isascii():
            test, pattern = r"LIKE %s ESCAPE '\'", like(self.text)
        else:  # LIKE knows the capitals of ASCII only
            test, pattern = "REGEXP %s", regular_expression(self.text)
        each = f"EXISTS (SELECT 1 FROM json_each({source}) WHERE CAST(value AS TEXT) {test})"  # noqa: S608
        if not self._stands_in_json:
            return each, [*params, pattern]
        likely = rf"({source} {test} OR {source} LIKE '%%\u%%')"
        return f"({likely} AND {each})", [*params, pattern, *params, *params, pattern]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        source, params = self._operand(compiler)
        each = f"EXISTS (SELECT 1 FROM jsonb_each_text({source}) AS field WHERE field.value ILIKE %s)"  # noqa: S608
        if not self._stands_in_json:
            return each, [*params, like(self.text)]
        return f"(({source})::text ILIKE %s AND {each})", [*params, like(self.text), *params, like(self.text)]


class Contains(_Condition):
    """Whether a text contains another; case does not matter."""

    def __init__(self, left: Source, text: str = "", **extra: Any) -> None:
        super().__init__(left, **extra)
        self.text = text

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        left, params = self._operand(compiler)
        if not self.text.isascii():
            return f"COALESCE({left} REGEXP %s, 0)", [*params, regular_expression(self.text)]
        return rf"COALESCE({left} LIKE %s ESCAPE '\', 0)", [*params, like(self.text)]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        left, params = self._operand(compiler)
        return f"COALESCE({left} ILIKE %s, FALSE)", [*params, like(self.text)]


class Differs(_Condition):
    """Whether two texts differ, or only one of them is there."""

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s)", arg_joiner=" IS NOT ", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Sql:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s)", arg_joiner=" IS DISTINCT FROM ", **context
        )


def like(text: str) -> str:
    """A pattern of LIKE for a text anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def regular_expression(text: str) -> str:
    """A pattern of Django's REGEXP for a text anywhere, in any case."""
    return "(?i)" + "".join(each if each.isalnum() else f"\\{each}" for each in text)
