/* What the answers in folders are for `understudy new`: images, masks, or maps of numbers. */
#include "cli/verbs/new.h"
#include "io/images/imagefiles.h"

#include <math.h>

enum { MOST_FILES = 32 }; /* of a folder that are decoded */

/* Take a value in, in order; false: there are too many. */
static bool add_value(struct new_answers *answers, double value)
{
    size_t at = 0;

    while (at < answers->value_count && answers->values[at] < value)
        at++;
    if (at < answers->value_count && answers->values[at] == value)
        return true;
    if (answers->value_count == NEW_MOST_VALUES)
        return false;
    for (size_t i = answers->value_count++; i > at; i--)
        answers->values[i] = answers->values[i - 1];
    answers->values[at] = value;
    return true;
}

/* May the image, like those before, be a mask? */
static bool add_mask(struct new_answers *answers, struct image image)
{
    if (image.shape.channels != 1)
        return false;
    for (size_t i = 0; i < shape_size(image.shape); i++) {
        double value = (double)image.pixels[i];
        if (isnan(value))
            continue;
        if (value != floor(value) || !add_value(answers, value))
            return false;
    }
    return true;
}

/* Is the file one that holds no brightness at all? */
static bool is_array(const struct imagefile *file)
{
    struct bytes bytes = {0};
    struct error error;
    bool array = bytes_read(&bytes, file->path, IMAGEFILE_LENGTH, &error) == STATUS_OK &&
                 imagefile_format(bytes_span(&bytes, file->name)) == IMAGEFILE_UNKNOWN;

    bytes_release(&bytes);
    return array;
}

/* The stored numbers of some files. STATUS_DATA: they are not all numbers. */
static enum status look_at_numbers(struct new_answers *answers, struct imagefiles *files,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    static const struct imagefile_numbers any = {0};
    size_t count = files->count < MOST_FILES ? files->count : MOST_FILES, faulty;
    struct imagefiles_summary summary = {0};
    struct image_set image = {0};
    struct hash hash = {0};

    files->channels = IMAGEFILE_STORED;
    files->numbers = &any;
    TRY(hash_begin(&hash, error));
    TRY(imagefiles_look(files, count, &hash, NULL, NULL, error));
    for (uint32_t i = 0; i < count; i++) {
        int channels = files->items[i].shape.channels;
        image_set_release(&image);
        TRY(imagefiles_decode(files, &i, 1, 1, &image, &summary, &faulty, error));
        answers->masks = answers->masks && add_mask(answers, image_set_at(&image, 0));
        bool map = is_array(&files->items[i]) || (channels == 1 && summary.reals == i + 1);
        if (!answers->channels)
            answers->channels = channels;
        answers->maps = answers->maps && map && channels == answers->channels;
    }
out:
    image_set_release(&image);
    hash_release(&hash);
    return status;
}

/* As brightness, the first file alone. */
static enum status look_at_images(const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct imagefiles files = {.channels = 0};
    struct hash hash = {0};

    TRY(imagefiles_list(&files, folder, error));
    TRY(hash_begin(&hash, error));
    TRY(imagefiles_look(&files, 1, &hash, NULL, NULL, error));
out:
    hash_release(&hash);
    imagefiles_release(&files);
    return status;
}

enum status new_look_at_answers(struct new_answers *answers, const char *folder, size_t *count,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct imagefiles files = {.channels = 0};

    *count = 0;
    if (!folder)
        return STATUS_OK;
    if (!answers->folders++)
        answers->masks = answers->maps = true;
    TRY(imagefiles_list(&files, folder, error));
    *count = files.count;
    status = look_at_numbers(answers, &files, error);
    if (status == STATUS_DATA) { /* a JPEG, say */
        answers->masks = answers->maps = false;
        status = look_at_images(folder, error);
    }
out:
    imagefiles_release(&files);
    return status;
}

void new_judge_answers(struct new_answers *answers, bool real_inputs)
{
    size_t last = answers->value_count ? answers->value_count - 1 : 0;

    answers->content = CONTENT_IMAGE;
    if (answers->masks && answers->value_count >= 2)
        answers->content = CONTENT_MASK;
    else if (answers->maps && !real_inputs)
        answers->content = CONTENT_MAP;
    if (answers->content != CONTENT_MASK)
        return;
    answers->ignores = last >= 2 && answers->values[last] == NEW_IGNORED &&
                       answers->values[0] == 0 && answers->values[last - 1] == (double)(last - 1);
    answers->value_count -= answers->ignores;
    last = answers->value_count - 1;
    answers->plain = answers->values[0] == 0 && answers->values[last] == (double)last;
}
