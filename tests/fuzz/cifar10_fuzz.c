/* CIFAR-10's binary records. */
#include "data/readers.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = {data, size, "fuzz"};
    struct error error;
    float pixels[CIFAR10_PIXELS];
    size_t count;

    if (cifar10_records(file, &count, &error) != STATUS_OK)
        return 0;
    if (count == 0 || count * CIFAR10_RECORD != size)
        abort();
    for (size_t i = 0; i < count; i++) {
        values_from_bytes(pixels, data + i * CIFAR10_RECORD + 1, CIFAR10_PIXELS);
        if (data[i * CIFAR10_RECORD] > 9 || !(pixels[CIFAR10_PIXELS - 1] <= 1))
            abort();
    }
    return 0;
}
