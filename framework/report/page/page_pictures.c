/* Pictures of the page: PNG in base64 (RFC 4648), each once. */
#include "base/hash.h"
#include "io/images/imagefile_write.h"
#include "report/page/page_parts.h"

#include <math.h>
#include <string.h>

/* Room for what comes behind the pictures: scripts, style, the rest of the data. */
enum { RESERVE = 300000 };

bool page_has_room(const struct page *page)
{
    return page->text.length + page->pictures.length + RESERVE < page->limit;
}

struct image page_cut(struct image image, float *room)
{
    struct shape from = image.shape;
    struct shape to = {from.channels == 3 ? 3 : 1,
                       from.height < PAGE_LARGEST_SIDE ? from.height : PAGE_LARGEST_SIDE,
                       from.width < PAGE_LARGEST_SIDE ? from.width : PAGE_LARGEST_SIDE};
    size_t top = (size_t)(from.height - to.height) / 2, left = (size_t)(from.width - to.width) / 2;
    float *out = room;

    for (size_t c = 0; c < (size_t)to.channels; c++)
        for (size_t y = 0; y < (size_t)to.height; y++)
            for (size_t x = 0; x < (size_t)to.width; x++) {
                float value =
                    image.pixels[c * shape_plane(from) + (top + y) * (size_t)from.width + left + x];
                *out++ = isfinite(value) ? value : 0;
            }
    return (struct image){to, room};
}

static void append_base64(struct text *text, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned value = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (unsigned)bytes[i + 2] : 0);
        const char quartet[4] = {digits[value >> 18], digits[value >> 12 & 63],
                                 left > 1 ? digits[value >> 6 & 63] : '=',
                                 left > 2 ? digits[value & 63] : '='};
        text_append_bytes(text, quartet, sizeof quartet);
    }
}

/* Where the picture with this digest is; the number of pictures where it is new. */
static size_t find(const struct page *page, const char *digest)
{
    size_t i = 0;

    while (i < page->picture_count && strcmp(page->digests[i], digest) != 0)
        i++;
    return i;
}

enum status page_picture(struct page *page, struct image image, size_t *place, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes png = {0};
    char digest[HASH_TEXT];

    TRY(imagefile_png(image, &png, error));
    TRY(hash_of_bytes(png.data, png.length, digest, error));
    *place = find(page, digest);
    if (*place < page->picture_count)
        goto out;
    if (page->text.length + page->pictures.length + png.length * 4 / 3 + RESERVE > page->limit) {
        *place = SIZE_MAX;
        goto out;
    }
    TRY(memory_reserve(&page->digests, &page->digest_capacity, page->picture_count + 1,
                       sizeof *page->digests, error));
    memcpy(page->digests[page->picture_count++], digest, sizeof digest);
    text_append(&page->pictures, "%s\"", *place ? ",\n" : "");
    append_base64(&page->pictures, png.data, png.length);
    text_append(&page->pictures, "\"");
    TRY(text_status(&page->pictures, error));
out:
    bytes_release(&png);
    return status;
}

enum status page_add_pictures(struct page *page, struct error *error)
{
    (void)error;
    json_key(&page->json, "pictures");
    text_append(&page->text, "[");
    if (page->pictures.length)
        text_append_bytes(&page->text, page->pictures.bytes, page->pictures.length);
    text_append(&page->text, "]");
    return STATUS_OK;
}
