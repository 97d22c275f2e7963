/* Arrays that programs answer with, and maps: what is read has as many values as its header says,
 * and a header written from what was read is read as the same. */
#include "io/files/npy.h"
#include "tests/fuzz/image_fuzz.h"

#include <string.h>

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void read_values(const struct npy *npy, const uint8_t *values, size_t size)
{
    float *floats;

    if (npy->count == 0 || npy->count > size / npy->size)
        return;
    floats = malloc(npy->count * sizeof *floats);
    expect(floats != NULL);
    npy_floats(npy, values, floats);
    for (size_t i = 0; npy->kind != 'f' && i < npy->count; i++)
        expect(isfinite(floats[i]));
    free(floats);
}

static void write_again(const struct npy *npy)
{
    char header[NPY_MOST_HEADER];
    size_t length = npy_header(npy->dims, npy->rank, header), told = 0;
    struct npy again;

    expect(npy_header_length((const unsigned char *)header, length, &told, NULL) == STATUS_OK);
    expect(told == length);
    expect(npy_parse((const unsigned char *)header, length, &again, NULL) == STATUS_OK);
    expect(again.rank == npy->rank && again.count == npy->count);
    expect(memcmp(again.dims, npy->dims, sizeof npy->dims) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[300];
    size_t length;
    struct npy npy;

    fuzz_numbers((struct span){data, size, "fuzz"});
    if (npy_header_length(data, size < NPY_PRELUDE ? size : NPY_PRELUDE, &length, NULL) !=
            STATUS_OK ||
        length > size)
        return 0;
    if (npy_parse(data, length, &npy, NULL) != STATUS_OK)
        return 0;
    expect(npy.rank >= 0 && npy.rank <= NPY_MOST_RANK);
    npy_describe(&npy, text, sizeof text);
    read_values(&npy, data + length, size - length);
    write_again(&npy);
    return 0;
}
