"""What all kernels import, before numba reads what is compiled of them: named tuples, and a cache that is never stale."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TypeVar

from numba.extending import typeof_impl

Class = TypeVar("Class", bound=type)


def kernel_tuple(named_tuple: Class) -> Class:
    """Decorates a NamedTuple that kernels take. numba finds its type at once; the search for it costs 10 ms and more."""
    typeof_impl.register(named_tuple)(typeof_impl.dispatch(tuple))
    return named_tuple


def forget_older_kernels(package: Path) -> None:
    """Delete what is compiled of other code. numba looks at the file of a kernel, not at those of functions that it inlines."""
    sources = [path.read_bytes() for path in sorted(package.rglob("*.py"))]
    code = hashlib.sha256(b"".join(source for source in sources if b"njit" in source)).hexdigest()
    stamp = Path(os.environ.get("NUMBA_CACHE_DIR") or package / "__pycache__") / "simclusters_code"
    if stamp.exists() and stamp.read_text() == code:
        return
    try:
        for folder in (package, stamp.parent):
            for compiled in (*folder.rglob("*.nbi"), *folder.rglob("*.nbc")):
                compiled.unlink(missing_ok=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(code)
    except OSError:  # who may not write there has no cache there
        return


forget_older_kernels(Path(__file__).parent)
