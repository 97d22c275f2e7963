#include "io/images/imagefile.h"

#include "io/images/imagefile_formats.h"

#include <math.h>
#include <string.h>

/* Either byte order; 42, or 43 for BigTIFF. */
static bool is_tiff(const unsigned char *first)
{
    bool little = first[0] == 'I' && first[1] == 'I' && first[3] == 0;
    bool big = first[0] == 'M' && first[1] == 'M' && first[2] == 0;
    unsigned char number = first[little ? 2 : 3];

    return (little || big) && (number == 42 || number == 43);
}

enum imagefile_format imagefile_format(struct span file)
{
    static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const unsigned char jpeg[] = {0xff, 0xd8, 0xff};

    if (file.length >= sizeof png && memcmp(file.data, png, sizeof png) == 0)
        return IMAGEFILE_PNG;
    if (file.length >= sizeof jpeg && memcmp(file.data, jpeg, sizeof jpeg) == 0)
        return IMAGEFILE_JPEG;
    if (file.length >= 2 && file.data[0] == 'P' && file.data[1] >= '1' && file.data[1] <= '6')
        return IMAGEFILE_PNM;
    if (file.length >= 4 && is_tiff(file.data))
        return IMAGEFILE_TIFF;
    return IMAGEFILE_UNKNOWN;
}

/* Formats that people have, by their first bytes; NULL: none of them. */
static const char *other_format(struct span file)
{
    static const struct {
        const char *bytes, *name;
        size_t at, length;
    } others[] = {
        {"GIF8", "a GIF", 0, 4},         {"BM", "a BMP", 0, 2},
        {"WEBP", "a WebP", 8, 4},        {"P7\n", "a PAM", 0, 3},
        {"PF\n", "a PFM", 0, 3},         {"Pf\n", "a PFM", 0, 3},
        {"ftyp", "a HEIF", 4, 4},        {"\0\0\0\x0cjP", "a JPEG 2000", 0, 6},
        {"\xff\x0a", "a JPEG XL", 0, 2}, {"SIMPLE", "a FITS", 0, 6},
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (file.length >= others[i].at + others[i].length &&
            memcmp(file.data + others[i].at, others[i].bytes, others[i].length) == 0)
            return others[i].name;
    return NULL;
}

static enum status unknown(struct span file, struct error *error)
{
    const char *other = other_format(file);

    if (other)
        return error_set(error, STATUS_DATA,
                         "%s: not supported: %s image; expected PNG, JPEG, TIFF or PNM (P1 to P6)",
                         file.name, other);
    if (file.length == 0)
        return error_set(error, STATUS_DATA, "%s: empty; expected a PNG, JPEG, TIFF or PNM image",
                         file.name);
    char first[3 * 4 + 1] = "";
    for (size_t i = 0; i < 4 && i < file.length; i++) {
        static const char digits[] = "0123456789abcdef";
        char text[4] = {' ', digits[file.data[i] >> 4], digits[file.data[i] & 15], '\0'};
        strcat(first, text);
    }
    return error_set(
        error, STATUS_DATA,
        "%s: expected a PNG, JPEG, TIFF or PNM (P1 to P6) image, found a file that starts "
        "with the bytes%s",
        file.name, first);
}

static enum status read_header(struct span file, bool stored, struct imagefile_header *header,
                               struct error *error)
{
    if (stored && npy_is(file))
        return npy_header_of(file, header, error);
    switch (imagefile_format(file)) {
    case IMAGEFILE_PNG: return png_header(file, stored, header, error);
    case IMAGEFILE_JPEG: return jpeg_header(file, header, error);
    case IMAGEFILE_PNM: return pnm_header(file, header, error);
    case IMAGEFILE_TIFF: return tiff_header(file, stored, header, error);
    case IMAGEFILE_UNKNOWN: break;
    }
    return unknown(file, error);
}

enum status imagefile_look(struct span file, int channels, struct imagefile_header *header,
                           struct error *error)
{
    *header = (struct imagefile_header){.orientation = 1};
    const bool stored = channels == IMAGEFILE_STORED;

    if (stored && imagefile_format(file) == IMAGEFILE_JPEG)
        return error_set(error, STATUS_DATA,
                         "%s: a JPEG, which changes numbers; expected PNG, TIFF, PNM or .npy",
                         file.name);
    PASS(read_header(file, stored, header, error));
    if (channels > 0 && header->shape.channels != 1 && header->shape.channels != 3)
        return error_set(
            error, STATUS_DATA,
            "%s: an image of %d channels; expected 1 (grey) or 3 (colour), or that images "
            "are taken as they are stored ('colour: stored')",
            file.name, header->shape.channels);
    if (channels > 0)
        header->shape.channels = channels;
    if (imagefile_on_its_side(header->orientation))
        header->shape =
            (struct shape){header->shape.channels, header->shape.width, header->shape.height};
    return STATUS_OK;
}

enum status imagefile_shape(struct span file, int channels, struct shape *shape,
                            struct error *error)
{
    struct imagefile_header header;
    enum status status = imagefile_look(file, channels, &header, error);

    *shape = header.shape;
    return status;
}

static enum status decode(struct span file, struct imagefile_target *target, struct error *error)
{
    *target->found = (struct imagefile_found){.least = INFINITY, .most = -INFINITY};
    if (target->stored && npy_is(file))
        return npy_decode(file, target, error);
    switch (imagefile_format(file)) {
    case IMAGEFILE_PNG: return png_decode(file, target, error);
    case IMAGEFILE_JPEG: return jpeg_decode(file, target, error);
    case IMAGEFILE_PNM: return pnm_decode(file, target, error);
    case IMAGEFILE_TIFF: return tiff_decode(file, target, error);
    case IMAGEFILE_UNKNOWN: break;
    }
    return unknown(file, error);
}

enum status imagefile_decode_scaled(struct span file, struct imagefile_scale scale,
                                    struct image image, struct imagefile_found *found,
                                    struct error *error)
{
    struct imagefile_found unasked;
    struct imagefile_target target = {
        .image = image, .scale = scale, .found = found ? found : &unasked, .orientation = 1};

    return decode(file, &target, error);
}

enum status imagefile_decode_numbers(struct span file, const struct imagefile_numbers *numbers,
                                     struct image image, struct imagefile_found *found,
                                     struct error *error)
{
    struct imagefile_found unasked;
    struct imagefile_target target = {
        .image = image, .found = found ? found : &unasked, .stored = true, .orientation = 1};

    PASS(decode(file, &target, error));
    return imagefile_number(file, numbers, image, error);
}

enum status imagefile_decode(struct span file, struct image image, struct error *error)
{
    return imagefile_decode_scaled(file, (struct imagefile_scale){0, 0}, image, NULL, error);
}
