"""The one way a kernel is compiled; no kernel lives here.

Every kernel is a plain function of one-dimensional float64 arrays, whole numbers and floats that writes its last
argument, so that compiling ahead of time can take the place of this decorator without touching a kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile a loop to machine code when it is first called, and keep the code on disk.

    Parameters
    ----------
    function : callable
        A loop in the subset of Python that numba compiles.

    Returns
    -------
    callable
        The same function, compiled; it runs without the interpreter lock.

    Notes
    -----
    `fastmath` stays off: reassociation would break the compensated sums, a fused multiply-add would make results
    depend on the processor, and NaN has to stay NaN. `error_model="numpy"` divides by zero as NumPy does; without it
    every division carries a branch.
    """
    try:
        return cast(_F, numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False)(function))
    except RuntimeError:
        # Neither the folder of the package nor a cache of this user can be written: compile anew in every process.
        return cast(_F, numba.njit(nogil=True, error_model="numpy", fastmath=False)(function))
