"""This server beside the old servers on their real frameworks."""
