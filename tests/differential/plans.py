"""The plan, as the second executor of a duel."""

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, OperationType, get_operation_ast

from schema.execution.plan import Uncompiled, compile_event, compile_operation
from tests.differential.executors import Returned, Runs
from tests.differential.state import State
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
