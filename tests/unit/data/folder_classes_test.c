#include "base/folder.h"
#include "data/folder.h"
#include "interfaces/dataset.h"
#include "io/images/imagefile_write.h"
#include "tests/unit/pools.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

void folder_classes_suite(void);

extern const struct dataset dataset_folder;

static void make(const char *name, float value, int channels)
{
    char path[SCRATCH_PATH];
    float pixels[8] = {value, 1 - value, value * value, value / 3, 0.5f, value, 0.25f, value};
    struct image image = {{channels, 1, 2}, pixels};
    struct error error = {0};

    scratch_path(path, name);
    *strrchr(path, '/') = '\0';
    CU_ASSERT(folder_make(path, &error) == STATUS_OK);
    CU_ASSERT(imagefile_write(scratch_path(path, name), image, IMAGEFILE_TIFF32, &error) ==
              STATUS_OK);
}

static void write_text(const char *name, const char *text)
{
    char path[SCRATCH_PATH];
    FILE *file = fopen(scratch_path(path, name), "w");

    CU_ASSERT_FATAL(file != NULL);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT(fclose(file) == 0);
}

static enum status load_some(const char *train, const char *test, const char **classes,
                             size_t wanted, struct dataset_content *content, struct error *error)
{
    char home[SCRATCH_PATH];
    struct folder folder = {train, test, 2, {NULL, 0}, false, {classes, 0}, NULL};
    struct dataset_request request = {
        scratch_path(home, "."), 0, wanted, SIZE_MAX, 2, NULL, CONTENT_IMAGE};

    while (classes && classes[folder.classes.count])
        folder.classes.count++;
    enum status status = dataset_folder.load(&folder, &request, content, error);
    return status == STATUS_OK ? pools_hold(content, 1, error) : status;
}

static void expect_fault(const char *train, const char *test, const char **classes,
                         const char *message)
{
    struct dataset_content content;
    struct error error = {0};

    CU_ASSERT(load_some(train, test, classes, SIZE_MAX, &content, &error) != STATUS_OK);
    if (!strstr(error.message, message))
        printf("expected: %s\nfound:    %s\n", message, error.message);
    CU_ASSERT(strstr(error.message, message) != NULL);
    dataset_content_release(&content);
}

static void sub_folders_are_classes(void)
{
    const char *classes[] = {"folders", NULL};
    struct dataset_content content;
    struct error error = {0};

    make("animals/train/dog/1.tif", 0.1f, 3);
    make("animals/train/dog/2.tif", 0.2f, 3);
    make("animals/train/cat/1.tif", 0.3f, 3);
    make("animals/test/dog/9.tif", 0.4f, 3);
    CU_ASSERT_FATAL(load_some("animals/train", "animals/test", classes, SIZE_MAX, &content,
                              &error) == STATUS_OK);
    CU_ASSERT(content.count == 2 && dataset_pool_count(&content.train) == 3);
    CU_ASSERT_STRING_EQUAL(content.names[0], "cat");
    CU_ASSERT_STRING_EQUAL(content.names[1], "dog");
    CU_ASSERT(memcmp(content.train.classes, "\0\1\1", 3) == 0 && content.test.classes[0] == 1);
    CU_ASSERT(strstr(content.notes.bytes, "classes: 0 cat, 1 dog\n") != NULL);
    dataset_content_release(&content);
    make("animals/test/fox/9.tif", 0.45f, 3);
    expect_fault("animals/train", "animals/test", classes,
                 "animals/test/fox/9.tif: its class 'fox' has no training image");
    expect_fault("animals/train/dog", "", classes,
                 "animals/train/dog: expected a folder with a sub-folder for each class");
    make("animals/one/dog/1.tif", 0.1f, 3);
    expect_fault("animals/one", "", classes, "animals/one: 1 class; expected 2 to 256");
}

static void a_folder_of_a_class_is_empty(void)
{
    const char *classes[] = {"folders", NULL};
    char path[SCRATCH_PATH];

    make("empty/train/a/1.tif", 0.1f, 1);
    CU_ASSERT(folder_make(scratch_path(path, "empty/train/b"), NULL) == STATUS_OK);
    expect_fault("empty/train", "", classes,
                 "empty/train/b: no images in the folder of this class");
}

static void a_table_tells_classes(void)
{
    const char *one[] = {"labels.csv", NULL}, *two[] = {"train.csv", "test.csv", NULL};
    struct dataset_content content;
    struct error error = {0};

    make("table/train/a.tif", 0.1f, 1);
    make("table/train/b.tif", 0.2f, 1);
    make("table/test/c.tif", 0.3f, 1);
    write_text("labels.csv", "class,name\nbad,a.tif\ngood,b.tif\nbad,c.tif\n");
    write_text("train.csv", "name,class\na.tif,bad\nb.tif,good\n");
    write_text("test.csv", "name,class\nc.tif,bad\n");
    for (int tables = 0; tables < 2; tables++) {
        CU_ASSERT_FATAL(load_some("table/train", "table/test", tables ? two : one, 1, &content,
                                  &error) == STATUS_OK);
        CU_ASSERT(content.count == 2 && content.train.classes[0] == 0);
        CU_ASSERT(content.test.classes[0] == 0);
        CU_ASSERT_STRING_EQUAL(content.names[1], "good");
        dataset_content_release(&content);
    }
}

static void faults_of_tables_have_lines(void)
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"name,class\na.tif,bad\n", "wrong.csv: no row tells the class of '"},
        {"name,class\na.tif,bad\na.tif,good\n",
         "wrong.csv:3: 'a.tif' again; its class was told in line 2"},
        {"name,class\na.tif,\n", "wrong.csv:2: 'a.tif' has no class"},
        {"name,class\nx.tif,bad\n", "wrong.csv:2: there is no image 'x.tif' in "},
        {"file,class\n", "wrong.csv:1: there is no column 'name'; found 'file', 'class'"},
        {"name,class\na.tif,bad\nb.tif,good\nc.tif,odd\n",
         "c.tif: its class 'odd' has no training"},
    };
    const char *classes[] = {"wrong.csv", NULL};

    make("lines/train/a.tif", 0.1f, 1);
    make("lines/train/b.tif", 0.2f, 1);
    make("lines/test/c.tif", 0.3f, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_text("wrong.csv", wrong[i].text);
        expect_fault("lines/train", "lines/test", classes, wrong[i].message);
    }
    make("lines/test/a.tif", 0.7f, 1);
    write_text("wrong.csv", "name,class\na.tif,bad\n");
    expect_fault("lines/train", "lines/test", classes,
                 "wrong.csv:2: 'a.tif' lies in both folders; give each its own file");
}

/* As many channels as the files have, all of them equally many. */
static void channels_of_files(void)
{
    struct dataset_content content;
    struct error error = {0};

    make("many/train/a.tif", 0.1f, 4);
    make("many/train/b.tif", 0.2f, 4);
    CU_ASSERT_FATAL(load_some("many/train", "", NULL, SIZE_MAX, &content, &error) == STATUS_OK);
    CU_ASSERT(content.train.images.shapes[0].channels == 4 && content.count == 0);
    dataset_content_release(&content);
    make("many/train/c.tif", 0.3f, 2);
    expect_fault("many/train", "", NULL, "many/train/c.tif: 2 channels; ");
}

static void allocations_fail(void)
{
    const char *classes[] = {"labels.csv", NULL};
    enum status status = STATUS_MEMORY;

    for (size_t n = 1; status == STATUS_MEMORY && n < 2000; n++) {
        struct dataset_content content;
        memory_fail_at(n);
        status = load_some("table/train", "table/test", classes, SIZE_MAX, &content, NULL);
        memory_fail_at(0);
        dataset_content_release(&content);
    }
    CU_ASSERT(status == STATUS_OK);
}

void folder_classes_suite(void)
{
    CU_pSuite suite = CU_add_suite("folder_classes", NULL, NULL);

    CU_add_test(suite, "sub-folders are classes", sub_folders_are_classes);
    CU_add_test(suite, "a class without images", a_folder_of_a_class_is_empty);
    CU_add_test(suite, "a CSV file tells the classes", a_table_tells_classes);
    CU_add_test(suite, "faults of CSV files have lines", faults_of_tables_have_lines);
    CU_add_test(suite, "channels as the files have them", channels_of_files);
    CU_add_test(suite, "allocations fail", allocations_fail);
}
