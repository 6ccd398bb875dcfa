"""What the reference implementation's own tests of execution ask, asked of both executors."""

import pytest

pytest.register_assert_rewrite("tests.schema.execution.cases.runner")
