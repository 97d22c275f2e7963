/*
 * IDX: two zero bytes, the type of a value (8: unsigned byte), the number of dimensions, each
 * dimension as a 32-bit number with the high byte first, then the values, the last dimension
 * running fastest.
 */
#include "data/readers.h"

#include "base/memory.h"

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Check magic number and length; `dimensions` is 1 or 3. */
static enum status read_header(struct span file, uint32_t dimensions, struct idx *idx,
                               struct error *error)
{
    const uint32_t magic = 0x0800 | dimensions;
    size_t header = 4 + 4 * (size_t)dimensions, area, values;

    if (file.length < header)
        return error_set(error, STATUS_DATA,
                         "%s: ends within the header; expected at least %zu bytes, found %zu",
                         file.name, header, file.length);
    uint32_t found = big_endian(file.data);
    if (found != magic)
        return error_set(error, STATUS_DATA,
                         "%s: wrong magic number; expected 0x%08x (IDX, bytes, %u dimension%s), "
                         "found 0x%08x",
                         file.name, magic, dimensions, dimensions == 1 ? "" : "s", found);
    idx->count = big_endian(file.data + 4);
    idx->height = dimensions == 3 ? big_endian(file.data + 8) : 1;
    idx->width = dimensions == 3 ? big_endian(file.data + 12) : 1;
    idx->values = file.data + header;
    if (idx->count == 0 || idx->height == 0 || idx->width == 0)
        return error_set(error, STATUS_DATA,
                         "%s: the header says %zu items of %zu x %zu; expected at least one value",
                         file.name, idx->count, idx->height, idx->width);
    if (!memory_multiply(idx->height, idx->width, &area) ||
        !memory_multiply(area, idx->count, &values) || file.length - header != values)
        return error_set(error, STATUS_DATA,
                         "%s: wrong length; the header says %zu items of %zu x %zu bytes, found "
                         "%zu bytes after it",
                         file.name, idx->count, idx->height, idx->width, file.length - header);
    return STATUS_OK;
}

enum status idx_images(struct span file, struct idx *images, struct error *error)
{
    return read_header(file, 3, images, error);
}

enum status idx_labels(struct span file, struct idx *labels, struct error *error)
{
    enum status status = read_header(file, 1, labels, error);
    for (size_t i = 0; status == STATUS_OK && i < labels->count; i++)
        if (labels->values[i] > 9)
            status = error_set(error, STATUS_DATA, "%s: label %zu is %u; expected 0 to 9",
                               file.name, i, labels->values[i]);
    return status;
}
