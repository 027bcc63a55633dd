"""The one way a kernel is compiled; no kernel lives here, and where compiled code is kept is in `stored`.

Every kernel is a plain function of C-contiguous arrays, whole numbers and floats that writes its last argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.dispatcher import Dispatcher

from .stored import KERNELS, StoredCode

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
    compiled = numba.njit(nogil=True, error_model="numpy", fastmath=False)(function)
    if isinstance(compiled, Dispatcher):  # with NUMBA_DISABLE_JIT it is the function itself
        # numba's own cache watches one file at a time and goes elsewhere, silently, where it may not write.
        compiled._cache = StoredCode(function)  # type: ignore[attr-defined]  # where njit(cache=True) puts its own
        KERNELS[f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"] = compiled
    return cast(_F, compiled)
