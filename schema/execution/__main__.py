"""Prints the source of a plan: `python -m schema.execution operations/mandarin/me.graphql`."""

import sys
from pathlib import Path

from graphql import parse

from schema import build
from schema.execution.plan import Uncompiled, compile_operation

if __name__ == "__main__":
    plan = compile_operation(build()._schema, parse(Path(sys.argv[1]).read_text()))
    sys.stdout.write(f"{plan.reason}\n" if isinstance(plan, Uncompiled) else plan.source)
