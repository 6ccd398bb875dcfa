"""Contracts of any size: the product's own operations, again and again under another version."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.servers import CONTRACT, REPOSITORY

SOURCE = REPOSITORY / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
BASE = "/mandarin/api"


def operations(contract: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and the item that holds the operation."""
    return [
        (path, method, item)
        for path, item in contract["paths"].items()
        for method in METHODS
        if method in item
    ]


def repeated(path: str, version: int) -> str:
    """A path under another version of the old API."""
    return path.replace(BASE, f"{BASE}/v{version}", 1)


def make(folder: Path, count: int) -> Path:
    """A contract with so many operations and its documents; the file to serve."""
    contract: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    known = operations(contract)
    paths: dict[str, dict[str, Any]] = {}
    documents = folder / "operations" / "mandarin"
    documents.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        version, place = divmod(index, len(known))
        path, method, item = known[place]
        name = item[method]["operationId"].partition(".")[2]
        operation = {**item[method], "operationId": f"mandarin.{name}_{version}"}
        operation["responses"] = {
            status: {key: value for key, value in answer.items() if key != "links"}
            for status, answer in operation["responses"].items()
        }
        others = {key: value for key, value in item.items() if key not in METHODS}
        paths.setdefault(repeated(path, version), dict(others))[method] = operation
        text = (SOURCE.parent / "operations" / "mandarin" / f"{name}.graphql").read_text(encoding="utf-8")
        (documents / f"{name}_{version}.graphql").write_text(text, encoding="utf-8")
    file = folder / "openapi.yaml"
    # JSON is YAML too.
    surfaces = {"mandarin": contract["x-surfaces"]["mandarin"]}
    file.write_text(json.dumps({**contract, "x-surfaces": surfaces, "paths": paths}), encoding="utf-8")
    return file


def lists(folder: Path, sizes: Sequence[int]) -> Path:
    """A contract with one list of courses for each size; the file to serve."""
    contract: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    catalog = contract["paths"]["/lean/catalog/"]
    documents = folder / "operations" / "lean"
    documents.mkdir(parents=True, exist_ok=True)
    text = (CONTRACT.parent / "operations" / "lean" / "catalog.graphql").read_text(encoding="utf-8")
    paths = {}
    for size in sizes:
        operation = {**catalog["get"], "operationId": f"lean.rows_{size}"}
        paths[f"/lean/rows/{size}"] = {**catalog, "get": operation}
        document = text.replace("first: 1000", f"first: {size}")
        (documents / f"rows_{size}.graphql").write_text(document, encoding="utf-8")
    surfaces = {"lean": contract["x-surfaces"]["lean"]}
    file = folder / "openapi.yaml"
    file.write_text(json.dumps({**contract, "x-surfaces": surfaces, "paths": paths}), encoding="utf-8")
    return file
