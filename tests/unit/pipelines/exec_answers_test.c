/* The stages `exec` and `plugin`: answers that are masks, maps and numbers, and what is refused. */
#include "tests/unit/exec_bench.h"

#include <math.h>

void exec_answers_suite(void);

enum { SIDE = 8, PIXELS = SIDE * SIDE, IMAGES = 2 };

static const struct answer masks = {CONTENT_MASK, 3}, maps = {CONTENT_MAP, 1},
                           two_maps = {CONTENT_MAP, 2}, one_number = {CONTENT_NUMBERS, 1},
                           numbers = {CONTENT_NUMBERS, 2};

/* Two images of 8 x 8 pass through `text`: it fails with `message`, or gives `expected`. */
static void expect(const char *text, struct answer answer, const char *message,
                   const float *expected)
{
    struct bench bench;
    struct image_set out = {0};

    own_files_forget(); /* an answer that is an argument has changed */
    bench_asks(&bench, text, IMAGES, false, answer, NULL);
    enum status status = bench_run(&bench, &out);
    if (message) {
        CU_ASSERT_EQUAL(status, STATUS_DATA);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, message));
        if (status == STATUS_OK || !strstr(error.message, message))
            fprintf(stderr, "%s\n  gave: %s\n", text, error.message);
    } else {
        CU_ASSERT_EQUAL(status, STATUS_OK);
        if (status != STATUS_OK)
            fprintf(stderr, "%s\n  gave: %s\n", text, error.message);
        for (size_t k = 0; status == STATUS_OK && k < out.offsets[IMAGES]; k++)
            CU_ASSERT(out.pixels[k] == expected[k] || (isnan(out.pixels[k]) && isnan(expected[k])));
    }
    image_set_release(&out);
    bench_release(&bench);
}

/* An array of the shape and type, whose value number 70 (pixel (6, 0) of the second image) is
 * `odd`, and all others 1. */
static void expect_array(const char *type, const char *shape, double odd, const char *ignore,
                         struct answer answer, const char *message)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 20], text[2 * SCRATCH_PATH + 120], header[200];
    unsigned char bytes[2 * IMAGES * PIXELS * sizeof(double)] = {0};
    float expected[2 * IMAGES * PIXELS];
    size_t size = (size_t)(type[2] - '0');

    for (size_t k = 0; k < 2UL * IMAGES * PIXELS; k++) {
        double value = k == 70 ? odd : 1;
        float single = (float)value;
        expected[k] = ignore && value == atof(ignore) ? (float)NAN : single;
        if (type[1] == 'f')
            memcpy(bytes + k * size, size == 4 ? (void *)&single : (void *)&value, size);
        else
            bytes[k * size] = (unsigned char)value; /* little-endian; the rest is 0 */
    }
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/answer", folder);
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type,
             shape);
    size_t values = 1;
    for (const char *at = shape + 1; *at; at += strspn(at, ", )"))
        values *= strtoul(at, (char **)&at, 10);
    write_answer(path, header, bytes, values * size);
    snprintf(text, sizeof text, "[exec: {command: [cat, %s]%s%s}]", path,
             ignore ? ", ignore: " : "", ignore ? ignore : "");
    expect(text, answer, message, expected);
    scratch_remove(folder);
}

static void masks_are_answered(void)
{
    static const char *const types[] = {"<i8", "|u1", "<u2", "|b1", "<f4", "<f8"};

    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        double odd = strchr(types[t], 'b') ? 0 : 2;
        expect_array(types[t], "(2, 8, 8)", odd, NULL, masks, NULL);
        expect_array(types[t], "(2, 1, 8, 8)", odd, NULL, masks, NULL);
    }
    expect_array("<f4", "(2, 8, 8)", NAN, NULL, masks, NULL);
    expect_array("<f8", "(2, 8, 8)", -1, "-1", masks, NULL);
    expect_array("|u1", "(2, 8, 8)", 255, "255", masks, NULL);
    expect_array(
        "|u1", "(2, 8, 8)", 3, NULL, masks,
        "pixel (6, 0) of its answer for image 1 is 3; expected the number of a class, 0 to 2");
    expect_array("|u1", "(2, 8, 8)", 7, "255", masks,
                 "is 7; expected the number of a class, 0 to 2, or what is ignored, 255");
    expect_array("<f4", "(2, 8, 8)", 0.5, NULL, masks, "is 0.5; expected the number of a class");
    expect_array("<f4", "(2, 8, 8)", -1, NULL, masks, "is -1; expected the number of a class");
    expect_array("<f8", "(2, 8, 8)", 1e300, NULL, masks, "expected the number of a class");
    expect_array("|u1", "(2, 8, 7)", 1, NULL, masks,
                 "uint8 [2, 8, 7]; expected [2, 1, 8, 8] or [2, 8, 8]");
    expect_array("|u1", "(2, 3, 8, 8)", 1, NULL, masks, "uint8 [2, 3, 8, 8]; expected");
}

static void maps_are_answered(void)
{
    expect_array("<f4", "(2, 8, 8)", NAN, NULL, maps, NULL);
    expect_array("<f8", "(2, 1, 8, 8)", -7.25, NULL, maps, NULL);
    expect_array("<f4", "(2, 2, 8, 8)", 1e6, NULL, two_maps, NULL);
    expect_array("<f4", "(2, 8, 8)", -1, "-1", maps, NULL);
    expect_array("<f4", "(2, 8, 8)", INFINITY, NULL, maps,
                 "a value of its answer for image 1 is not a number, or infinite");
    expect_array("<f4", "(2, 8, 8)", 1, NULL, two_maps, "expected [2, 2, 8, 8]");
}

static void numbers_are_answered(void)
{
    expect_array("<f8", "(2,)", 1, NULL, one_number, NULL);
    expect_array("<i8", "(2, 1)", 1, NULL, one_number, NULL);
    expect_array("<f4", "(2, 2)", 1, NULL, numbers, NULL);
    expect_array("<f4", "(2,)", 1, NULL, numbers, "float32 [2]; expected [2, 2]");
    expect_array("<f4", "(2, 3)", 1, NULL, numbers, "float32 [2, 3]; expected [2, 2]");
    expect_array("<f4", "(3, 2)", 1, NULL, numbers, "float32 [3, 2]; expected [2, 2]");
}

static void numbers_that_are_none(void)
{
    static const float none[] = {1, 2, 3, NAN};
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 20], text[2 * SCRATCH_PATH + 80];

    scratch_make(folder);
    snprintf(path, sizeof path, "%s/answer", folder);
    write_answer(path, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", none,
                 sizeof none);
    snprintf(text, sizeof text, "[exec: {command: [cat, %s]}]", path);
    expect(text, numbers, "a value of its answer for image 1 is not a number, or infinite", NULL);
    scratch_remove(folder);
}

static void numbers_go_through_files(void)
{
    static const float expected[] = {1, 2.5F, -3, 4};
    static const struct {
        const char *table, *message;
    } cases[] = {
        {"image,a,b\\n0001,-3,4\\n0000.png,1,2.5\\n", NULL},
        {"a,image,b\\n1,0000,2.5\\n-3,0001,4\\n", NULL},
        {"image,a,b\\n0000,1,2\\n", "numbers.csv has 1 rows; expected 2, one an image"},
        {"image,a\\n0000,1\\n0001,1\\n", "numbers.csv has 2 columns; expected image and 2 more"},
        {"image,a,b\\n0000,1,2\\n0000,1,2\\n", "image '0000' is there twice"},
        {"image,a,b\\n0000,1,2\\n0007,1,2\\n", "image '0007' is not in {in}"},
        {"image,a,b\\n0000,1,many\\n0001,1,2\\n", "'many'; expected a number"},
        {"image,a,b\\n0000,1,nan\\n0001,1,2\\n", "'nan'; expected a number"},
        {"image,a,b\\n0000,1,\\n0001,1,2\\n", "''; expected a number"},
        {"name,a,b\\n0000,1,2\\n0001,1,2\\n", "image"},
    };
    char text[400];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text,
                 "[exec: {command: [sh, -c, 'printf \"%s\" >{out}/numbers.csv'], protocol: files}]",
                 cases[i].table);
        expect(text, numbers, cases[i].message, expected);
    }
}

/* Files of whole numbers are masks as they are, and TIFF files of floats maps. */
static void pixels_go_through_files(void)
{
    static const struct {
        const char *value, *ignore, *message;
    } cases[] = {
        {"2", "''", NULL},
        {"255", "'255'", NULL},
        {"3", "''", "pixel (0, 0) of its answer for image 0 is 3; expected the number of a class"},
    };
    float expected[IMAGES * PIXELS];
    char text[400];
    struct bench bench;
    struct image_set out;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t k = 0; k < (size_t)IMAGES * PIXELS; k++)
            expected[k] = i == 1 ? (float)NAN : 2;
        snprintf(text, sizeof text,
                 "[exec: {command: [sh, -c, 'for i in 0000 0001; do { echo P2 8 8 255; yes %s | "
                 "head -n 64; } >{out}/$i.pgm; done'], protocol: files, ignore: %s}]",
                 cases[i].value, cases[i].ignore);
        expect(text, masks, cases[i].message, expected);
    }
    bench_asks(&bench,
               "[exec: {command: [sh, -c, 'cp {in}/* {out}'], protocol: files, format: tiff}]",
               IMAGES, false, maps, NULL);
    OK(bench_run(&bench, &out));
    CU_ASSERT(memcmp(out.pixels, bench.inputs.pixels, sizeof expected) == 0);
    image_set_release(&out);
    bench_release(&bench);
}

/* rank.so gives grey levels, which are no classes; as maps they are what they are. */
static void plugins_answer_with_masks(void)
{
    static const char text[] =
        "[plugin: {library: " BUILD_FOLDER "/examples/rank.so, symbol: rank_stage}]";
    struct bench bench;
    struct image_set out;

    expect(text, masks, "expected the number of a class, 0 to 2", NULL);
    bench_asks(&bench, text, IMAGES, false, maps, NULL);
    OK(bench_run(&bench, &out));
    image_set_release(&out);
    bench_release(&bench);
    bench_asks(&bench, text, IMAGES, false, masks, NULL);
    for (size_t k = 0; k < bench.inputs.offsets[IMAGES]; k++)
        bench.inputs.pixels[k] = (float)(k % 3);
    OK(bench_run(&bench, &out));
    image_set_release(&out);
    bench_release(&bench);
}

void exec_answers_suite(void)
{
    CU_pSuite suite = CU_add_suite("exec_answers", NULL, NULL);
    CU_add_test(suite, "masks are answered by number", masks_are_answered);
    CU_add_test(suite, "maps are answered in their unit", maps_are_answered);
    CU_add_test(suite, "numbers are answered", numbers_are_answered);
    CU_add_test(suite, "numbers that are none", numbers_that_are_none);
    CU_add_test(suite, "numbers go through files", numbers_go_through_files);
    CU_add_test(suite, "masks and maps go through files", pixels_go_through_files);
    CU_add_test(suite, "plugins answer with masks", plugins_answer_with_masks);
}
