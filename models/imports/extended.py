"""Values of MongoDB as JSON: the ids and dates that rows may hold, and plain numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import Decimal128, ObjectId
from bson.datetime_ms import DatetimeMS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# How canonical extended JSON writes numbers.
NUMBERS = {"$numberInt": int, "$numberLong": int, "$numberDouble": float, "$numberDecimal": float}


def simple(value: Any) -> Any:
    """Extended JSON with plain numbers, and dates as milliseconds or text."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name in NUMBERS and isinstance(inner, str):
                try:
                    return NUMBERS[name](inner)
                except ValueError:
                    return value
        return {name: simple(each) for name, each in value.items()}
    return [simple(each) for each in value] if isinstance(value, list) else value


def json_of(value: Any) -> Any:
    """What JSON has no value for, as extended JSON writes it; for `json.dumps(default=…)`."""
    if isinstance(value, ObjectId):
        return {"$oid": str(value)}
    if isinstance(value, DatetimeMS):
        return {"$date": int(value)}
    if isinstance(value, datetime):
        return {"$date": (value.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)}
    if isinstance(value, Decimal128):
        return float(value.to_decimal())
    return str(value)
