/* script.c - inputs read and written. */
#include "script.h"

#include <string.h>

#include "wire.h"

void script_read(const uint8_t *data, size_t n_bytes, struct script *out)
{
    size_t at = SCRIPT_HEAD;

    out->n = 0;
    memset(out->head, 0, SCRIPT_HEAD);
    if (n_bytes < SCRIPT_HEAD)
        return;
    memcpy(out->head, data, SCRIPT_HEAD);
    while (out->n < MAX_RECORDS && at + RECORD_BYTES <= n_bytes) {
        struct entry *e = &out->entry[out->n++];
        size_t n_here;

        memcpy(&e->r, data + at, RECORD_BYTES);
        at += RECORD_BYTES;
        n_here = wire_get16(e->r.n_data_be);
        if (n_here > n_bytes - at)
            n_here = n_bytes - at;
        e->n_data = (uint32_t)(n_here > MAX_DATA ? MAX_DATA : n_here);
        memcpy(e->data, data + at, e->n_data);
        at += n_here;
    }
}

size_t script_write(const struct script *script, uint8_t *out, size_t max_bytes)
{
    size_t at = SCRIPT_HEAD;

    if (max_bytes < SCRIPT_HEAD)
        return 0;
    memcpy(out, script->head, SCRIPT_HEAD);
    for (uint32_t i = 0; i < script->n; i++) {
        struct record r = script->entry[i].r;
        const uint32_t n = script->entry[i].n_data;

        if (at + RECORD_BYTES + n > max_bytes)
            break;
        wire_put16(r.n_data_be, n);
        memcpy(out + at, &r, RECORD_BYTES);
        memcpy(out + at + RECORD_BYTES, script->entry[i].data, n);
        at += RECORD_BYTES + n;
    }
    return at;
}
