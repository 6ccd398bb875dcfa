"""How documents of the graph are run."""
