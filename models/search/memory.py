"""Memory that an index gives back."""

import ctypes


def give_back() -> bool:
    """Gives the memory that lies free back to the system; whether the C library can, and there was some.

    An index takes and frees megabytes with every commit, in ever new threads, and glibc keeps them, for each
    thread apart: a few hundred commits left 200 MB lying free. To have large things given back at once, by
    mallopt, would cost every long answer a fifth more.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))
