#include "train/patches.h"

#include "base/memory.h"

#include <string.h>

const struct field patch_fields[] = {
    {"size", FIELD_INTEGER, offsetof(struct patch_settings, size), .minimum = 0, .maximum = 4096,
     .default_value = "0", .unit = "pixels",
     .help = "side of the squares used in training; 0: whole images, which must then be of one "
             "size"},
    {"per_image", FIELD_INTEGER, offsetof(struct patch_settings, per_image), .minimum = 1,
     .maximum = 100000, .default_value = "1",
     .help = "squares cut from each image, at random places"},
    {0},
};

static void cut(struct image from, int top, int left, struct image to)
{
    for (int c = 0; c < to.shape.channels; c++)
        for (int y = 0; y < to.shape.height; y++)
            memcpy(to.pixels +
                       ((size_t)c * (size_t)to.shape.height + (size_t)y) * (size_t)to.shape.width,
                   from.pixels +
                       ((size_t)c * (size_t)from.shape.height + (size_t)(top + y)) *
                           (size_t)from.shape.width +
                       left,
                   (size_t)to.shape.width * sizeof(float));
}

enum status patches_cut(const struct image_set *inputs, const struct image_set *targets, int size,
                        size_t per_image, struct random_key key, struct image_set *cut_inputs,
                        struct image_set *cut_targets, struct error *error)
{
    size_t images = inputs->count, count;

    if (!memory_multiply(images, per_image, &count))
        return error_set(error, STATUS_MEMORY, "too many patches");
    struct shape in = {images ? inputs->shapes[0].channels : 0, size, size};
    struct shape out = {images ? targets->shapes[0].channels : 0, size, size};
    PASS(image_set_new_uniform(cut_inputs, count, in, error));
    PASS(image_set_new_uniform(cut_targets, count, out, error));
    for (size_t i = 0; i < images; i++) {
        struct random_stream stream = random_stream(key, RANDOM_PATCH, i);
        struct shape shape = inputs->shapes[i];
        for (size_t p = i * per_image; p < (i + 1) * per_image; p++) {
            int top = (int)random_below(&stream, (uint32_t)(shape.height - size + 1));
            int left = (int)random_below(&stream, (uint32_t)(shape.width - size + 1));
            cut(image_set_at(inputs, i), top, left, image_set_at(cut_inputs, p));
            cut(image_set_at(targets, i), top, left, image_set_at(cut_targets, p));
        }
    }
    return STATUS_OK;
}
