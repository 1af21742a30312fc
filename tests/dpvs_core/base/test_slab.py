"""The slab under a storm of takes and gives, compiled alone with the sanitizers."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MISSING = [tool for tool in ("gcc", "pkg-config") if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {MISSING}, as script/setup installs")

DRIVER = r"""
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/slab.h"

enum { N = 20000, TURNS = 400000 };

static int n_areas, max_areas = 20;
static struct { unsigned char *at; size_t bytes; unsigned char mark; } held[N];

static void *area_alloc(void)
{
    return n_areas == max_areas ? NULL
                                : (n_areas++, aligned_alloc(SLAB_AREA_BYTES, SLAB_AREA_BYTES));
}

static struct slab slab = { .lock = RTE_SPINLOCK_INITIALIZER, .area_alloc = area_alloc };

static void give(int i)
{
    for (size_t b = 0; b < held[i].bytes; b++)
        assert(held[i].at[b] == held[i].mark);      /* nobody else wrote into it */
    assert(slab_free(&slab, held[i].at));
    held[i].at = NULL;
}

static void take(int i)
{
    held[i].bytes = 1 + rand() % SLAB_MAX_BYTES;
    held[i].at = slab_zalloc(&slab, held[i].bytes);
    assert(held[i].at && (size_t)held[i].at % SLAB_LINE_BYTES == 0);
    for (size_t b = 0; b < held[i].bytes; b++)
        assert(!held[i].at[b]);
    held[i].mark = 1 + rand() % 255;
    memset(held[i].at, held[i].mark, held[i].bytes);
}

int main(void)
{
    int other;
    int areas_of_one_round;
    void *last = NULL, *piece;

    srand(7);
    for (int turn = 0; turn < TURNS; turn++) {
        int i = rand() % N;

        held[i].at ? give(i) : take(i);
    }
    for (int i = 0; i < N; i++)
        if (held[i].at)
            give(i);
    areas_of_one_round = n_areas;
    assert(!slab_free(&slab, &other));              /* none of its own */
    assert(!slab_zalloc(&slab, SLAB_MAX_BYTES + 1) && !slab_zalloc(&slab, 0));
    for (int round = 0; round < 3; round++) {       /* what came back is used again */
        for (int i = 0; i < N / 4; i++)
            take(i);
        for (int i = 0; i < N / 4; i++)
            give(i);
    }
    assert(n_areas == areas_of_one_round);
    while ((piece = slab_zalloc(&slab, SLAB_MAX_BYTES)))
        last = piece;
    assert(n_areas == max_areas && last);           /* no memory: none given, nothing broken */
    assert(slab_free(&slab, last) && slab_zalloc(&slab, SLAB_MAX_BYTES) == last);
    printf("%d areas\n", n_areas);
    return 0;
}
"""


def test_pieces_are_zeroed_aligned_apart_and_used_again(tmp_path: Path) -> None:
    flags = subprocess.run(
        ["pkg-config", "--cflags", "libdpdk"], capture_output=True, text=True, check=True
    )
    source, program = tmp_path / "driver.c", tmp_path / "driver"
    source.write_text(DRIVER)
    compile_it = [
        "gcc", "-std=gnu11", "-O1", "-g", "-fsanitize=address,undefined", *flags.stdout.split(),
        f"-I{ROOT / 'dpvs_core'}", str(source), str(ROOT / "dpvs_core/base/slab.c"), "-o",
        str(program),
    ]  # fmt: skip
    subprocess.run(compile_it, check=True)
    done = subprocess.run(
        [str(program)], capture_output=True, text=True, env={"ASAN_OPTIONS": "detect_leaks=0"}
    )
    assert done.returncode == 0, done.stderr
