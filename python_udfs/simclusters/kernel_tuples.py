"""Named tuples that travel into compiled kernels."""

from __future__ import annotations

from typing import TypeVar

from numba.extending import typeof_impl

from simclusters.kernel_cache import forget_older_kernels

# All kernels import this module, before numba reads what is compiled of them.
forget_older_kernels()

Class = TypeVar("Class", bound=type)


def kernel_tuple(named_tuple: Class) -> Class:
    """Decorates a NamedTuple that kernels take. numba finds its type at once; the search for it costs 10 ms and more."""
    typeof_impl.register(named_tuple)(typeof_impl.dispatch(tuple))
    return named_tuple
