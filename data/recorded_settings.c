/* What a recorded set can be told, and what labels and truth it has by that. */
#include "data/readers.h"
#include "data/recorded.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const colour_names[] = {"grey", "colour", NULL};

#define AT(member) offsetof(struct recorded, member)

const struct field recorded_fields[] = {
    {"inputs", FIELD_TEXTS, AT(inputs), .plain = true,
     .help = "folder of images as they came from the camera: below the data directory; from the "
             "experiment file on, where it begins with ./ or ../; or absolute. Of several folders, "
             "as [left, right], images that belong together become the channels of one, in this "
             "order"},
    {"labels", FIELD_TEXT, AT(labels), .default_value = "''",
     .help = "folder of what the pipeline made of them; empty: there are no such images"},
    {"truth", FIELD_TEXT, AT(truth), .default_value = "''",
     .help = "folder of what they should be, for those inputs that have it; empty: none"},
    {"match", FIELD_TEXT, AT(match), .default_value = "name",
     .help =
         "what belongs together: name, files of the same name but for the ending; or a CSV with "
         "columns input (of several folders input.1, input.2 …), label, truth: names of files; "
         "where 'labels' and 'truth' name no folder, classes, or numbers"},
    {"test_list", FIELD_TEXT, AT(test_list), .default_value = "''", .within = "test",
     .help = "CSV with a column input, which names the test images; written as 'test: {list: …}'"},
    {"test_folder", FIELD_TEXTS, AT(test_folder), .default_value = "''", .plain = true,
     .within = "test",
     .help = "folder of the test images' inputs, or as many as 'inputs' has; written as 'test: "
             "{folder: …}'"},
    {"colour", FIELD_CHOICE, AT(colour), .default_value = "grey", .choices = colour_names,
     .help = "grey is ITU-R BT.601 luma of colour images"},
    {"range", FIELD_TEXTS, AT(range), .default_value = "[]", .unsaid = true,
     .help =
         "[black, white]: the part of the scale that the sensor uses, in the files' whole "
         "numbers, of inputs, labels and truth alike; what lies outside becomes black or white, "
         "and is counted. auto: 0 to the smallest of 1, 3, 7, 15 … 65535 that no sample of the "
         "training inputs exceeds. Empty: all of it"},
    {"classes", FIELD_TEXTS, AT(classes), .default_value = "[]", .unsaid = true,
     .help = "names of classes, in the order of their numbers: labels and truth are masks. Their "
             "samples, or a palette's indices, are the numbers of classes, from 0 on"},
    {"colours", FIELD_TEXTS, AT(colours), .default_value = "[]", .unsaid = true,
     .help = "of classes in figures, as [\"#000000\", \"#e69f00\"]. Empty: those of the masks' "
             "palettes, where all agree"},
    {"ignore", FIELD_REALS, AT(ignore), .default_value = "[]", .unsaid = true,
     .help = "number, or numbers, of pixels whose class is not known"},
    {"values", FIELD_REALS, AT(values), .default_value = "[]", .unsaid = true,
     .help = "stored numbers that stand for the classes, in their order, as [0, 255]. Empty: 0, 1, "
             "2 …"},
    {"numbers", FIELD_TEXTS, AT(numbers), .default_value = "[]", .unsaid = true,
     .help = "names of the numbers that labels and truth are. Where 'labels' or 'truth' names a "
             "folder, each pixel has them: a channel each, of TIFF, .npy (height, width) or "
             "(channels, height, width), PNG or PNM. Else each image has them, in columns "
             "truth.NAME and label.NAME of the CSV under 'match'; of one number alone, truth and "
             "label will do"},
    {"units", FIELD_TEXTS, AT(units), .default_value = "[]", .unsaid = true,
     .help = "of 'numbers', one each"},
    {"invalid", FIELD_REALS, AT(invalid), .default_value = "[]", .unsaid = true,
     .help = "stored number, or numbers, of pixels of which nothing is known, as NaN says, too"},
    {"scale", FIELD_REALS, AT(scale), .default_value = "[]", .unsaid = true,
     .help = "what a stored number of a pixel is multiplied by: one factor, or one for each of "
             "'numbers'. Empty: 1"},
    {"allow_test_in_training", FIELD_BOOLEAN, AT(allow_test_in_training), .default_value = "false",
     .unsaid = true,
     .help = "whether the same image may be in training and in test, by whatever name; scores then "
             "tell how well a network remembers"},
    {0},
};

bool recorded_by_table(const struct recorded *recorded)
{
    return strcmp(recorded->match, "name") != 0;
}

bool recorded_has_tests(const struct recorded *recorded)
{
    return recorded->test_folder.count > 0 && recorded->test_folder.items[0][0];
}

enum content recorded_content(const struct recorded *recorded)
{
    if (recorded->classes.count)
        return CONTENT_MASK;
    if (!recorded->numbers.count)
        return CONTENT_IMAGE;
    return recorded->labels[0] || recorded->truth[0] ? CONTENT_MAP : CONTENT_NUMBERS;
}

/* Images or classes of images: which of the two, only the task tells. */
unsigned recorded_gives(const void *config)
{
    enum content content = recorded_content(config);

    return content == CONTENT_IMAGE ? SERVES_IMAGES | SERVES_SCORES : 1u << content;
}

/* ---- mistakes */

static const struct yaml_mark nowhere = {NULL, 0, 0};

static bool read_colour(const char *text, uint32_t *colour)
{
    char *end;

    if (text[0] != '#' || strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
        return false;
    *colour = (uint32_t)strtoul(text + 1, &end, 16);
    return true;
}

/* Names that are there, and differ. */
static enum status check_names(const char *field, const struct text_list *names,
                               struct diagnostics *found, struct error *error)
{
    for (size_t i = 0; i < names->count; i++) {
        if (!names->items[i][0])
            PASS(diagnostics_add(found, nowhere, field, error, "an empty name"));
        for (size_t k = 0; k < i; k++)
            if (strcmp(names->items[i], names->items[k]) == 0)
                PASS(diagnostics_add(found, nowhere, field, error, "'%.100s' stands there twice",
                                     names->items[i]));
    }
    return STATUS_OK;
}

/* One for each of `others`, where there are any. */
static enum status check_count(const char *field, size_t count, const char *other, size_t others,
                               struct diagnostics *found, struct error *error)
{
    if (!count || count == others)
        return STATUS_OK;
    return diagnostics_add(found, nowhere, field, error, "%zu given; '%s' has %zu", count, other,
                           others);
}

static enum status check_classes(const struct recorded *recorded, struct diagnostics *found,
                                 struct error *error)
{
    size_t count = recorded->classes.count;
    uint32_t colour;

    if (count && (count < 2 || count > DATASET_NO_CLASS))
        PASS(diagnostics_add(found, nowhere, "classes", error,
                             "%zu given; expected the names of 2 to %d classes", count,
                             DATASET_NO_CLASS));
    if (count && !recorded->labels[0] && !recorded->truth[0])
        PASS(diagnostics_add(found, nowhere, "classes", error,
                             "classes of masks, and neither 'labels' nor 'truth' names a folder of "
                             "these"));
    PASS(check_names("classes", &recorded->classes, found, error));
    PASS(check_count("colours", recorded->colours.count, "classes", count, found, error));
    for (size_t i = 0; i < recorded->colours.count; i++)
        if (!read_colour(recorded->colours.items[i], &colour))
            PASS(diagnostics_add(found, nowhere, "colours", error,
                                 "'%.100s'; expected a colour as \"#e69f00\"",
                                 recorded->colours.items[i]));
    if (recorded->ignore.count && !count)
        PASS(diagnostics_add(found, nowhere, "ignore", error,
                             "this is for masks, and 'classes' names no classes"));
    PASS(check_count("values", recorded->values.count, "classes", count, found, error));
    for (size_t i = 0; i < recorded->ignore.count; i++)
        for (size_t c = 0; c < count; c++) {
            bool listed = recorded->values.count == count;
            double value = listed ? recorded->values.items[c] : (double)c;
            if (recorded->ignore.items[i] == value)
                PASS(diagnostics_add(found, nowhere, "ignore", error,
                                     "%g is the number of class '%.100s'", value,
                                     recorded->classes.items[c]));
        }
    return STATUS_OK;
}

static enum status check_numbers(const struct recorded *recorded, struct diagnostics *found,
                                 struct error *error)
{
    size_t count = recorded->numbers.count;
    bool map = recorded_content(recorded) == CONTENT_MAP;

    if (count && recorded->classes.count)
        PASS(diagnostics_add(found, nowhere, "numbers", error,
                             "labels are classes or numbers, and 'classes' is given, too"));
    if (count > IMAGEFILE_CHANNELS)
        PASS(diagnostics_add(found, nowhere, "numbers", error, "%zu given; expected %d at most",
                             count, IMAGEFILE_CHANNELS));
    PASS(check_names("numbers", &recorded->numbers, found, error));
    PASS(check_count("units", recorded->units.count, "numbers", count, found, error));
    if (recorded_content(recorded) == CONTENT_NUMBERS && !recorded_by_table(recorded))
        PASS(diagnostics_add(found, nowhere, "numbers", error,
                             "neither a CSV under 'match' nor folders under 'labels' or 'truth' "
                             "hold these"));
    if (recorded->invalid.count && !map)
        PASS(diagnostics_add(found, nowhere, "invalid", error,
                             "this is for numbers of pixels, in folders"));
    if (recorded->scale.count && !map)
        PASS(diagnostics_add(found, nowhere, "scale", error,
                             "this is for numbers of pixels, in folders"));
    if (recorded->scale.count > 1 && map)
        PASS(check_count("scale", recorded->scale.count, "numbers", count, found, error));
    for (size_t i = 0; i < recorded->scale.count; i++)
        if (recorded->scale.items[i] == 0)
            PASS(diagnostics_add(found, nowhere, "scale", error, "0; expected another number"));
    return STATUS_OK;
}

static enum status check_folders(const struct recorded *recorded, struct diagnostics *found,
                                 struct error *error)
{
    bool empty = recorded->inputs.count == 0;

    for (size_t i = 0; i < recorded->inputs.count; i++)
        empty = empty || !recorded->inputs.items[i][0];
    if (empty)
        PASS(diagnostics_add(found, nowhere, "inputs", error,
                             "empty; expected the folder of the images"));
    if (!recorded->match[0])
        PASS(diagnostics_add(found, nowhere, "match", error, "empty; expected name, or a CSV"));
    if (recorded->test_list[0] && recorded_has_tests(recorded))
        PASS(diagnostics_add(found, nowhere, "test", error, "a list or a folder, not both"));
    if (recorded_has_tests(recorded))
        PASS(check_count("test", recorded->test_folder.count, "inputs", recorded->inputs.count,
                         found, error));
    return STATUS_OK;
}

enum status recorded_check(const void *config, struct diagnostics *found, struct error *error)
{
    const struct recorded *recorded = config;
    struct imagefile_scale scale;

    if (!data_range(&recorded->range, &scale))
        PASS(diagnostics_add(found, nowhere, "range", error,
                             "expected auto, or two numbers, the second larger, as [0, 4095]"));
    PASS(check_folders(recorded, found, error));
    PASS(check_classes(recorded, found, error));
    return check_numbers(recorded, found, error);
}

/* ---- for those who read the files */

static enum status copy_reals(const struct real_list *list, struct arena *arena,
                              const double **copy, size_t *count, struct error *error)
{
    double *to;

    PASS(arena_new(arena, &to, list->count, sizeof *to, error));
    for (size_t i = 0; i < list->count; i++)
        to[i] = list->items[i];
    *copy = to;
    *count = list->count;
    return STATUS_OK;
}

enum status recorded_numbers(const struct recorded *recorded, struct arena *arena,
                             const struct imagefile_numbers **numbers, struct error *error)
{
    struct imagefile_numbers *to;
    size_t values;
    bool mask = recorded_content(recorded) == CONTENT_MASK;

    PASS(arena_new(arena, &to, 1, sizeof *to, error));
    to->classes = (int)recorded->classes.count;
    PASS(copy_reals(mask ? &recorded->ignore : &recorded->invalid, arena, &to->unknown,
                    &to->unknown_count, error));
    PASS(copy_reals(&recorded->scale, arena, &to->factors, &to->factor_count, error));
    PASS(copy_reals(&recorded->values, arena, &to->values, &values, error));
    to->values = values ? to->values : NULL;
    *numbers = to;
    return STATUS_OK;
}

static enum status copy_texts(const struct text_list *list, struct arena *arena, const char ***copy,
                              struct error *error)
{
    if (!list->count)
        return STATUS_OK;
    PASS(arena_new(arena, copy, list->count, sizeof **copy, error));
    for (size_t i = 0; i < list->count; i++)
        PASS(arena_copy(arena, list->items[i], strlen(list->items[i]), &(*copy)[i], error));
    return STATUS_OK;
}

enum status recorded_label_names(const struct recorded *recorded, struct dataset_content *content,
                                 struct error *error)
{
    const struct text_list *names =
        recorded->classes.count ? &recorded->classes : &recorded->numbers;

    content->count = (int)names->count;
    PASS(copy_texts(names, &content->arena, &content->names, error));
    PASS(copy_texts(&recorded->units, &content->arena, &content->units, error));
    if (!recorded->colours.count)
        return STATUS_OK;
    PASS(arena_new(&content->arena, &content->colours, recorded->colours.count,
                   sizeof *content->colours, error));
    for (size_t i = 0; i < recorded->colours.count; i++)
        if (!read_colour(recorded->colours.items[i], &content->colours[i]))
            return error_set(error, STATUS_CONFIG, "colours: '%.100s'; expected as \"#e69f00\"",
                             recorded->colours.items[i]);
    return STATUS_OK;
}

void recorded_shape(const void *config, enum content labels, struct shape *shape, int *count)
{
    const struct recorded *recorded = config;

    *shape = (struct shape){0, 0, 0};
    *count = labels != recorded_content(recorded) ? 0
             : labels == CONTENT_MASK             ? (int)recorded->classes.count
                                                  : (int)recorded->numbers.count;
}
