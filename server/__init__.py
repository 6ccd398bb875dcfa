"""The ASGI application, its settings and its command line."""
