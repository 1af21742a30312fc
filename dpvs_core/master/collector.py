"""Python's garbage collector, kept out of large batches.

Rows and requests are trees, freed by their counts. What the collector would look through at a
batch of 10,000 services stops the master for 20 ms and frees nothing; what the batch has made is
then left to the counts for good, as what was there at the start (runner.py).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_out() -> Iterator[None]:
    """No collection inside, nor later of what was made inside. Not to be nested."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
