/*
 * Masks, maps and numbers of a recorded set, and inputs of several folders: tests/golden/labels.py
 * wrote them by a formula, which is here again.
 */
#include "data/recorded.h"
#include "data/registry.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

void recorded_labels_suite(void);

enum { HEIGHT = 12, WIDTH = 16, IMAGES = 4 };

static struct error error;

#define OK(call) CU_ASSERT_EQUAL_FATAL(call, STATUS_OK)

static const struct dataset *recorded_set(void)
{
    return dataset_of(registry_find(registry_datasets(), "recorded"));
}

/* Read these settings, a YAML mapping, and load the set. */
struct loaded {
    struct arena arena;
    struct recorded config;
    struct dataset_content content;
    struct diagnostics faults;
};

static void read_settings(struct loaded *loaded, const char *settings)
{
    const struct dataset *set = recorded_set();
    struct diagnostics found = {0};

    memset(loaded, 0, sizeof *loaded);
    struct yaml_node *root;
    OK(yaml_parse(&loaded->arena, "settings", settings, strlen(settings), &root, &found, &error));
    OK(schema_read(set->descriptor.fields, root, "", &loaded->config, &loaded->arena, &found,
                   &error));
    OK(set->check(&loaded->config, &found, &error));
    for (size_t i = 0; i < found.count; i++)
        printf("%s: %s\n", found.items[i].where.path, found.items[i].message);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    diagnostics_release(&found);
}

static enum status load(struct loaded *loaded, const char *directory, const char *settings,
                        bool tell)
{
    read_settings(loaded, settings);
    struct dataset_request request = {.directory = directory,
                                      .train = SIZE_MAX,
                                      .test = SIZE_MAX,
                                      .threads = 2,
                                      .faults = tell ? &loaded->faults : NULL,
                                      .labels = recorded_content(&loaded->config)};

    return recorded_set()->load(&loaded->config, &request, &loaded->content, &error);
}

static void release(struct loaded *loaded)
{
    dataset_content_release(&loaded->content);
    diagnostics_release(&loaded->faults);
    arena_release(&loaded->arena);
}

static void load_good(struct loaded *loaded, const char *settings)
{
    if (load(loaded, "tests/golden/labels", settings, false) != STATUS_OK)
        CU_FAIL_FATAL(error.message);
}

/* The truth of image `k`, in memory. */
static struct image truth_of(struct loaded *loaded, size_t k)
{
    bool wanted[IMAGES] = {true, true, true, true};
    struct dataset_answers *truth = loaded->content.train.truth;
    struct text notes = {0};
    size_t faulty;

    OK(dataset_answers_hold(truth, dataset_pool_count(&loaded->content.train), wanted, 2, &notes,
                            &faulty, &error));
    CU_ASSERT_EQUAL(notes.length, 0);
    CU_ASSERT_FATAL(dataset_answers_have(truth, k));
    text_release(&notes);
    return dataset_pool_image(&truth->images, truth->of[k]);
}

static float class_at(int k, int x, int y)
{
    return (float)((x + 2 * y + k) % 3);
}

static float number_at(int k, int x, int y)
{
    return (float)(x + 10 * y + 100 * k);
}

/* `unknown`: of the first pixel nothing is known. */
static void expect_values(struct image image, int k, float (*value)(int k, int x, int y),
                          bool unknown)
{
    CU_ASSERT_FATAL(shape_equal(image.shape, (struct shape){1, HEIGHT, WIDTH}));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            float pixel = image.pixels[y * WIDTH + x];
            if (unknown && x == 0 && y == 0) {
                CU_ASSERT(isnan(pixel));
            } else {
                CU_ASSERT(pixel == value(k, x, y));
            }
        }
}

/* ---- masks */

static float mirrored_at(int k, int x, int y)
{
    return 2 - class_at(k, x, y);
}

/* Other numbers stand for the classes. */
static void test_values(void)
{
    struct loaded loaded;

    load_good(&loaded, "{inputs: left, truth: indexed, classes: [ground, cell, dirt], "
                       "values: [2, 1, 0]}");
    for (int k = 0; k < 3; k++)
        expect_values(truth_of(&loaded, (size_t)k), k, mirrored_at, false);
    release(&loaded);
}

static void test_indexed(void)
{
    struct loaded loaded;

    load_good(&loaded, "{inputs: left, truth: indexed, classes: [ground, cell, dirt]}");
    CU_ASSERT_EQUAL(recorded_gives(&loaded.config), SERVES_MASKS);
    CU_ASSERT_EQUAL(loaded.content.count, 3);
    CU_ASSERT_STRING_EQUAL(loaded.content.names[2], "dirt");
    CU_ASSERT_FATAL(loaded.content.colours != NULL);
    CU_ASSERT_EQUAL(loaded.content.colours[0], 0);
    CU_ASSERT_EQUAL(loaded.content.colours[1], 0xe69f00);
    CU_ASSERT_EQUAL(loaded.content.colours[2], 0x56b4e9);
    CU_ASSERT_EQUAL(dataset_pool_truth(&loaded.content.train), 3);
    CU_ASSERT(!dataset_pool_has_truth(&loaded.content.train, 3));
    for (int k = 0; k < 3; k++)
        expect_values(truth_of(&loaded, (size_t)k), k, class_at, false);
    release(&loaded);
}

static void test_stored(void)
{
    struct loaded loaded;

    load_good(&loaded, "{inputs: left, truth: stored, classes: [ground, cell, dirt], ignore: 255}");
    CU_ASSERT(loaded.content.colours == NULL);
    for (int k = 0; k < IMAGES; k++)
        expect_values(truth_of(&loaded, (size_t)k), k, class_at, true);
    release(&loaded);
    load_good(&loaded, "{inputs: left, truth: indexed, labels: stored, classes: [a, b, c], "
                       "ignore: [254, 255], colours: ['#010203', '#0a0B0c', '#ffffff']}");
    CU_ASSERT_EQUAL_FATAL(loaded.content.colours[1], 0x0a0b0c);
    release(&loaded);
    load_good(&loaded, "{inputs: left, truth: indexed, labels: stored, classes: [a, b, c], "
                       "ignore: 255}");
    CU_ASSERT(loaded.content.colours == NULL); /* not all have a palette */
    release(&loaded);
}

/* ---- maps */

static void test_maps(void)
{
    struct loaded loaded;

    load_good(&loaded, "{inputs: left, truth: maps, numbers: depth, units: m, invalid: -1}");
    CU_ASSERT_EQUAL(recorded_gives(&loaded.config), SERVES_MAPS);
    CU_ASSERT_EQUAL(loaded.content.count, 1);
    CU_ASSERT_STRING_EQUAL(loaded.content.names[0], "depth");
    CU_ASSERT_STRING_EQUAL(loaded.content.units[0], "m");
    for (int k = 0; k < IMAGES; k++)
        expect_values(truth_of(&loaded, (size_t)k), k, number_at, true);
    release(&loaded);
}

static float one_more(int k, int x, int y)
{
    return number_at(k, x, y) + 1;
}

static void test_scaled(void)
{
    struct loaded loaded;

    load_good(&loaded, "{inputs: left, truth: scaled, numbers: disparity, invalid: 0, "
                       "scale: 0.00390625}");
    CU_ASSERT(loaded.content.units == NULL);
    expect_values(truth_of(&loaded, 0), 0, one_more, true);
    release(&loaded);
    load_good(&loaded, "{inputs: left, truth: two, numbers: [up, down], scale: [2, -4]}");
    struct image image = truth_of(&loaded, 0);
    CU_ASSERT_FATAL(shape_equal(image.shape, (struct shape){2, HEIGHT, WIDTH}));
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        float number = number_at(0, i % WIDTH, i / WIDTH);
        CU_ASSERT(image.pixels[i] == 2 * number);
        CU_ASSERT(image.pixels[HEIGHT * WIDTH + i] == 4 * number);
    }
    release(&loaded);
}

/* ---- numbers of images */

static void test_numbers(void)
{
    static const float truth[IMAGES][2] = {{3, -0.45F}, {NAN, NAN}, {0, 7}, {1, 2}};
    static const float labels[IMAGES][2] = {{2, 1}, {5, 6}, {8, 9}, {3, 4}};
    const uint32_t order[IMAGES] = {3, 1, 0, 2};
    struct loaded loaded;
    struct image_set set = {0};

    load_good(&loaded, "{inputs: left, match: counts.csv, numbers: [count, area], "
                       "units: [cells, 'mm²']}");
    const struct dataset_pool *pool = &loaded.content.train;
    CU_ASSERT_EQUAL(recorded_gives(&loaded.config), SERVES_NUMBERS);
    CU_ASSERT_EQUAL(dataset_pool_truth(pool), 3);
    CU_ASSERT_EQUAL(loaded.content.count, 2);
    OK(dataset_answers_numbers(pool->truth, order, IMAGES, &set, &error));
    for (size_t i = 0; i < IMAGES; i++) {
        const float *expected = truth[order[i]], *found = image_set_at(&set, i).pixels;
        CU_ASSERT(shape_equal(set.shapes[i], (struct shape){2, 1, 1}));
        CU_ASSERT_EQUAL(dataset_answers_have(pool->truth, order[i]), order[i] != 1);
        for (size_t n = 0; n < 2; n++)
            CU_ASSERT(expected[n] == found[n] || (isnan(expected[n]) && isnan(found[n])));
    }
    CU_ASSERT(memcmp(pool->labels->numbers, labels, sizeof labels) == 0);
    image_set_release(&set);
    release(&loaded);
}

/* ---- inputs of several folders */

/* Image k of the first folder has 10 k + x + y, of the second 50 more. */
static void expect_pairs(struct loaded *loaded, bool reversed)
{
    bool wanted[IMAGES] = {true, true, true, true};
    struct dataset_pool *pool = &loaded->content.train;
    struct text notes = {0};
    size_t faulty;

    OK(dataset_pool_hold(pool, wanted, 2, &notes, &faulty, &error));
    for (int k = 0; k < IMAGES; k++) {
        struct image image = dataset_pool_image(pool, (size_t)k);
        int other = reversed ? IMAGES - 1 - k : k;
        CU_ASSERT_FATAL(shape_equal(image.shape, (struct shape){2, HEIGHT, WIDTH}));
        CU_ASSERT(strstr(dataset_pool_name(pool, (size_t)k), "left/") != NULL);
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            int place = i % WIDTH + i / WIDTH;
            CU_ASSERT(image.pixels[i] == (float)(10 * k + place) / 255);
            CU_ASSERT(image.pixels[HEIGHT * WIDTH + i] == (float)(10 * other + 50 + place) / 255);
        }
    }
    text_release(&notes);
}

static void test_pairs(void)
{
    struct loaded loaded;

    load_good(&loaded, "{inputs: [left, right], truth: maps, numbers: depth, invalid: -1}");
    expect_pairs(&loaded, false);
    expect_values(truth_of(&loaded, 2), 2, number_at, true);
    CU_ASSERT_STRING_NOT_EQUAL(loaded.content.sha256, "");
    release(&loaded);
    load_good(&loaded, "{inputs: [left, right], match: pairs.csv, numbers: depth}");
    expect_pairs(&loaded, true);
    CU_ASSERT_EQUAL(loaded.content.train.truth->count, 3);
    CU_ASSERT(loaded.content.train.truth->numbers[2] == 5);
    release(&loaded);
}

/* Files of either folder are part of the digest. */
static void test_digest(void)
{
    struct loaded pair, twice;

    load_good(&pair, "{inputs: [left, right]}");
    load_good(&twice, "{inputs: [left, left]}");
    CU_ASSERT_STRING_NOT_EQUAL(pair.content.sha256, twice.content.sha256);
    release(&pair);
    release(&twice);
}

/* One folder is written as it always was: results of plans from before stay theirs. */
static void test_written(void)
{
    struct loaded loaded;
    struct text text = {0};

    load_good(&loaded, "{inputs: left}");
    schema_print(recorded_set()->descriptor.fields, &loaded.config, 0, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "inputs: left\nlabels: \"\"\ntruth: \"\"\nmatch: name\n"
                                       "test_list: \"\"\ntest_folder: \"\"\ncolour: grey\n");
    text_release(&text);
    release(&loaded);
}

/* ---- bad tables */

static void test_bad_tables(void)
{
    static const struct {
        const char *settings, *messages[3];
    } cases[] = {
        {"{inputs: photos_three, match: count_text.csv, numbers: count}",
         {"count_text.csv:3: column 'truth.count' is 'three'; expected a finite number, or nothing "
          "where it is not known",
          "count_text.csv:4: column 'truth.count' is 'nan'; expected a finite number, or nothing "
          "where it is not known"}},
        {"{inputs: photos_three, match: count_infinite.csv, numbers: count}",
         {"count_infinite.csv:2: column 'truth.count' is '1e39'; expected a finite number, or "
          "nothing where it is not known",
          "count_infinite.csv:3: column 'truth.count' is '0x10'; expected a finite number, or "
          "nothing where it is not known",
          "count_infinite.csv:4: column 'truth.count' is ' 1'; expected a finite number, or "
          "nothing "
          "where it is not known"}},
        {"{inputs: photos_three, match: count_less.csv, numbers: count}",
         {"count_less.csv: no row for input tests/bad/datasets/data/photos_three/c.pgm"}},
        {"{inputs: photos_three, match: count_column.csv, numbers: count}",
         {"count_column.csv:1: unknown column 'truth.counts'; did you mean 'truth.count'?"}},
        {"{inputs: photos_three, match: count_none.csv, numbers: count}",
         {"count_none.csv:1: no column 'truth.count' or 'label.count'"}},
        {"{inputs: photos_three, match: count_one.csv, numbers: [count, area]}",
         {"count_one.csv:1: no column 'truth.area'"}},
        {"{inputs: photos_three, match: count_half.csv, numbers: [count, area]}",
         {"count_half.csv:3: column 'truth.area' is empty and others are not; expected all of an "
          "image's numbers, or none"}},
        {"{inputs: [photos_three, photos_three], match: pair_columns.csv, numbers: count}",
         {"pair_columns.csv:1: unknown column 'input'; did you mean 'input.1'?",
          "pair_columns.csv:1: no column 'input.1'"}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loaded loaded;
        size_t count = 0;
        OK(load(&loaded, "tests/bad/datasets/data", cases[i].settings, true));
        for (; count < 3 && cases[i].messages[count]; count++) {
            CU_ASSERT_FATAL(count < loaded.faults.count);
            CU_ASSERT_STRING_EQUAL(loaded.faults.items[count].message, cases[i].messages[count]);
            if (strcmp(loaded.faults.items[count].message, cases[i].messages[count]) != 0)
                printf("%s\n", loaded.faults.items[count].message);
        }
        CU_ASSERT_EQUAL(loaded.faults.count, count);
        release(&loaded);
    }
}

/* Without memory at any place: an error, and nothing is lost. */
static void test_no_memory(void)
{
    static const char *const settings[] = {
        "{inputs: [left, right], truth: indexed, classes: [a, b, c], ignore: 255}",
        "{inputs: [left, right], match: pairs.csv, numbers: count, units: cells}",
    };
    struct dataset_request request = {
        .directory = "tests/golden/labels", .train = SIZE_MAX, .test = SIZE_MAX, .threads = 1};

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct loaded loaded;
        enum status status;
        size_t n = 0;
        read_settings(&loaded, settings[i]);
        do {
            memory_fail_at(++n);
            status = recorded_set()->load(&loaded.config, &request, &loaded.content, &error);
            memory_fail_at(0);
            CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        } while (status == STATUS_MEMORY);
        CU_ASSERT(n > 50);
        release(&loaded);
    }
}

void recorded_labels_suite(void)
{
    CU_pSuite suite = CU_add_suite("recorded_labels", NULL, NULL);

    CU_add_test(suite, "masks are palette indices, whose colours are told", test_indexed);
    CU_add_test(suite, "masks are samples as they are stored", test_stored);
    CU_add_test(suite, "numbers that stand for classes", test_values);
    CU_add_test(suite, "maps are TIFF or NumPy's arrays", test_maps);
    CU_add_test(suite, "maps are scaled, and may have several numbers", test_scaled);
    CU_add_test(suite, "numbers of images are in a table", test_numbers);
    CU_add_test(suite, "inputs of several folders are stacked", test_pairs);
    CU_add_test(suite, "the digest has all inputs", test_digest);
    CU_add_test(suite, "one folder of inputs is written as before", test_written);
    CU_add_test(suite, "tables of numbers with mistakes", test_bad_tables);
    CU_add_test(suite, "reading survives without memory", test_no_memory);
}
