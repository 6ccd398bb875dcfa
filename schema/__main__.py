"""Prints the schema as SDL: `python -m schema > schema.graphql`."""

from schema import build

if __name__ == "__main__":
    print(build().as_str())
