"""Search: what is found by words, whose it is, and how an index follows what is stored.

`entries` are documents that clients hand in to be found; `sources` says what else is found. The `feeder`
keeps an `engine` equal to them, and `finding` asks it on behalf of somebody.
"""
