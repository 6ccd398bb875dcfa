"""The Python peers; each module is an application for its server."""
