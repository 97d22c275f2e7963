/* report/page: numbers that JSON does not have; pictures, each once and within the page's size.
 * What people see of the page is tested in a browser (tests/report/run). */
#include "report/page/page_parts.h"

#include "io/images/imagefile.h"
#include "io/images/imagefile_write.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void page_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void test_numbers(void)
{
    struct page page = {.limit = 0};

    page.json.text = &page.text;
    page_numbers(&page, "x", (double[]){1, (double)NAN, INFINITY, -INFINITY, 0.1}, 5, PAGE_EXACT);
    CU_ASSERT_STRING_EQUAL(page.text.bytes, "\n\"x\": [1,null,\"inf\",\"-inf\",0.1]");
    text_clear(&page.text);
    page_number(&page, 1.0 / 3, PAGE_SHORT);
    CU_ASSERT_STRING_EQUAL(page.text.bytes, "0.333333");
    text_release(&page.text);
}

/* A picture in memory is the one that a file would be: decoded, its values are the levels. */
static void test_png(void)
{
    float pixels[] = {0, 0.25f, 0.5f, 1, -1, 2}, found[6];
    struct image image = {{1, 2, 3}, pixels}, decoded = {{1, 2, 3}, found};
    struct bytes png = {0};

    OK(imagefile_png(image, &png, &error));
    OK(imagefile_decode(bytes_span(&png, "picture"), decoded, &error));
    const float wanted[] = {0, 64, 128, 255, 0, 255};
    for (int i = 0; i < 6; i++)
        CU_ASSERT_DOUBLE_EQUAL(found[i] * 255, wanted[i], 1e-4);
    bytes_release(&png);
    pixels[3] = (float)NAN;
    CU_ASSERT_EQUAL(imagefile_png(image, &png, &error), STATUS_DATA);
    CU_ASSERT_PTR_NULL(png.data);
}

/* Equal pictures are one; of a page that is full there is none. */
static void test_pictures(void)
{
    float black[4] = {0}, white[4] = {1, 1, 1, 1};
    struct image images[] = {{{1, 2, 2}, black}, {{1, 2, 2}, white}};
    struct page page = {.limit = 301000};
    size_t place;

    OK(page_picture(&page, images[0], &place, &error));
    CU_ASSERT_EQUAL(place, 0);
    OK(page_picture(&page, images[1], &place, &error));
    CU_ASSERT_EQUAL(place, 1);
    OK(page_picture(&page, images[0], &place, &error));
    CU_ASSERT_EQUAL(place, 0);
    CU_ASSERT_EQUAL(page.picture_count, 2);
    page.limit = 300100;
    white[0] = 0;
    CU_ASSERT_FALSE(page_has_room(&page));
    OK(page_picture(&page, images[1], &place, &error));
    CU_ASSERT_EQUAL(place, SIZE_MAX);
    text_release(&page.pictures);
    memory_free(page.digests);
}

/* The middle of a large image, the first of many channels, 0 for what is no number. */
static void test_cut(void)
{
    enum { SIDE = PAGE_LARGEST_SIDE + 2, ROOM = PAGE_LARGEST_SIDE * PAGE_LARGEST_SIDE };
    float *pixels, *room;

    OK(memory_new(&pixels, 2 * SIDE * SIDE, sizeof *pixels, &error));
    OK(memory_new(&room, ROOM, sizeof *room, &error));
    pixels[SIDE + 1] = 0.5f;
    pixels[SIDE + 2] = (float)NAN;
    struct image cut = page_cut((struct image){{2, SIDE, SIDE}, pixels}, room);
    CU_ASSERT(shape_equal(cut.shape, (struct shape){1, PAGE_LARGEST_SIDE, PAGE_LARGEST_SIDE}));
    CU_ASSERT_EQUAL(cut.pixels[0], 0.5f);
    CU_ASSERT_EQUAL(cut.pixels[1], 0);
    memory_free(pixels);
    memory_free(room);
}

void page_suite(void)
{
    CU_pSuite suite = CU_add_suite("page", NULL, NULL);

    CU_add_test(suite, "numbers", test_numbers);
    CU_add_test(suite, "PNG in memory", test_png);
    CU_add_test(suite, "pictures", test_pictures);
    CU_add_test(suite, "cut", test_cut);
}
