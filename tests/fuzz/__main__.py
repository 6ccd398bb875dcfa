"""A long run of the fuzzer: `python -m tests.fuzz --cases 20000`."""

import os
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from server.embedded import services
from server.settings import Settings
from tests.fuzz import run


def main() -> None:
    """Fuzzes both doors and says what came of it; exit 1 where anything failed."""
    parser = ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="requests by openapi.yaml [20000]")
    parser.add_argument("--graphql-seconds", type=int, default=30, help="time for the graph [30]")
    parser.add_argument("--seed", type=int, help="the seed that a run printed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstep-fuzz-") as name:
        folder = Path(name)
        settings = Settings(
            data=folder,
            mongodb_uri=os.environ.get("MONGODB_URI") or None,
            redis_url=os.environ.get("REDIS_URL") or None,
            environ=os.environ,
        )
        with services(settings, exclusive=True) as running, run.server(running, folder) as address:
            contract = run.contract(address, folder, options.cases, options.seed)
            print(f"{contract.output}openapi.yaml: {contract}", flush=True)
            graph = run.graph(address, folder, options.graphql_seconds, options.seed)
            print(f"{graph.output}schema.graphql: {graph}")
    sys.exit(1 if contract.failed or graph.failed else 0)


if __name__ == "__main__":
    main()
