"""Memory that an index gives back."""

import ctypes

# What glibc calls its options: what is as large as this is given back as soon as it is free, and what
# may lie free at the end of a pool of smaller things.
LARGE, FREE = (-3, 256 * 1024), (-1, 4 * 1024 * 1024)


def give_back() -> bool:
    """Has this process give back large things that are free; whether the C library can.

    By default glibc keeps them once it has seen some come and go, for each thread apart. An index takes and
    frees megabytes with every commit, in ever new threads: a few hundred commits left 200 MB lying free.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(bool(mallopt(*option)) for option in (LARGE, FREE))
