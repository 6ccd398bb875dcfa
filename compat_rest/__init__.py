"""Legacy REST on the graph: the contract, its dialects and the endpoints made of both."""
