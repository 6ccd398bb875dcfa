"""The platform's surface, through a real server, with a real issuer of tokens beside it."""
