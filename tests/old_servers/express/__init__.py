"""A server on the libraries of the old Node servers, and ours in their dialect, beside each other."""
