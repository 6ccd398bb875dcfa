"""Dialects: how a framework talks when no handler spoke."""

from compat_rest.dialects.base import Dialect
from compat_rest.dialects.express import ExpressDialect
from compat_rest.dialects.flask import FlaskDialect
from compat_rest.dialects.plain import PlainDialect

DIALECTS: dict[str, type[Dialect]] = {
    "flask": FlaskDialect,
    "express": ExpressDialect,
    "plain": PlainDialect,
}
