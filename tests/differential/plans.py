"""The plan, as the second executor of a duel."""

import asyncio
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, OperationType, get_operation_ast

from schema.execution.plan import Uncompiled, compile_event, compile_operation
from tests.differential.executors import Returned, Runs, quiet_machine
from tests.differential.state import State
from tests.differential.tally import Tally, run_world
from tests.differential.world import World


def compiled(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """A document's plan, or the reason why there is none."""
    operation = get_operation_ast(document, name)
    event = operation is not None and operation.operation is OperationType.SUBSCRIPTION
    plan = (compile_event if event else compile_operation)(world.core, document, name)
    if isinstance(plan, Uncompiled):
        return plan.reason

    def run(state: State, variables: Mapping[str, Any]) -> Returned:
        return plan.run(state, variables, root=state.root)

    return run


# Here, since a process that `spawn` starts does not load the `__main__` of a package.
def one_world(seed: int) -> Tally:
    """All cases over the schema of a seed."""
    tally = Tally()
    with quiet_machine():
        asyncio.run(run_world(seed, compiled, tally))
    return tally
