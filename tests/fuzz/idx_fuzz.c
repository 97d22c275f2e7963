/* IDX images and labels, plain or gzip, as the mnist data set reads them. */
#include "data/readers.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = {data, size, "fuzz"};
    struct bytes bytes;
    struct error error;
    struct idx idx;

    if (bytes_unpack(&bytes, file, 1 << 20, &error) != STATUS_OK)
        return 0;
    struct span unpacked = bytes_span(&bytes, "fuzz");
    uint64_t sum = 0;
    if (idx_images(unpacked, &idx, &error) == STATUS_OK)
        for (size_t i = 0; i < idx.count * idx.height * idx.width; i++)
            sum += idx.values[i];
    if (idx_labels(unpacked, &idx, &error) == STATUS_OK)
        for (size_t i = 0; i < idx.count; i++)
            if (idx.values[i] > 9)
                abort();
    bytes_release(&bytes);
    return sum == UINT64_MAX;
}
