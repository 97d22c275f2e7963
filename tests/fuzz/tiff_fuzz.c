/* TIFF images, as the folder data set reads them. */
#include "image_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span file = {data, size, "fuzz"};

    if (imagefile_format(file) == IMAGEFILE_TIFF)
        fuzz_image(file);
    return 0;
}
