/*
 * Folders of images with any names: which files are listed, under which printable names; what is
 * decoded; which images are in both folders; and that a change of any file is noticed.
 */
#include "base/memory.h"
#include "base/random.h"
#include "data/folder.h"
#include "interfaces/dataset.h"
#include "io/images/imagefiles.h"
#include "tests/unit/pools.h"
#include "tests/unit/scratch.h"
#include "trial/data_digest.h"

#include <CUnit/CUnit.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void folders_property_suite(void);

extern const struct dataset dataset_folder;

enum { ROUNDS = 12, MOST_FILES = 24, NAME = 64, PATH = 2 * SCRATCH_PATH };

/* A folder that was made, and what must be found in it. */
struct made {
    char path[SCRATCH_PATH];
    char names[MOST_FILES][NAME];
    unsigned kinds[MOST_FILES]; /* files of the same kind have the same bytes */
    size_t count, hidden, folders;
};

static struct random_stream stream_of(uint64_t round)
{
    return random_stream((struct random_key){15, 0}, RANDOM_VERIFY, round);
}

/* Any bytes but '/' and NUL, those that separate and quote more often than others. */
static void odd_name(struct random_stream *stream, char name[NAME])
{
    static const char *const parts[] = {"\n", "\r", "\t",   "'",       "\"",   "\\",       " ",
                                        ",",  ":",  "|",    ";",       "%s",   "%n",       "$",
                                        "*",  "#",  "\x01", "\x1b[1m", "\x7f", "\xc3\xa9", "\xff",
                                        "a",  "B",  "0",    "-",       ".png"};
    size_t count = 1 + random_below(stream, 6);

    name[0] = '\0';
    for (size_t i = 0; i < count; i++)
        strcat(name, parts[random_below(stream, sizeof parts / sizeof *parts)]);
    if (name[0] == '.')
        name[0] = 'x';
}

static void write_image(const char *path, unsigned kind)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_FATAL(file != NULL);
    fprintf(file, "P2 %u 12 255\n", 11 + kind % 3);
    for (unsigned i = 0; i < (11 + kind % 3) * 12; i++)
        fprintf(file, "%u ", (i * (kind + 1) + i * i / 7) % 256);
    CU_ASSERT(fclose(file) == 0);
}

static bool has(const struct made *made, const char *name)
{
    for (size_t i = 0; i < made->count; i++)
        if (strcmp(made->names[i], name) == 0)
            return true;
    return false;
}

/* Files, links to files elsewhere, hidden files, sub-folders, links to this folder and nowhere near
 * images in them. */
static void make_folder(struct made *made, struct random_stream *stream, const char *under)
{
    char name[NAME], path[PATH];
    size_t entries = 4 + random_below(stream, MOST_FILES - 4);

    odd_name(stream, name);
    memset(made, 0, sizeof *made);
    snprintf(made->path, sizeof made->path, "%s/%s", under, name);
    CU_ASSERT_FATAL(mkdir(made->path, 0777) == 0);
    for (size_t i = 0; i < entries; i++) {
        odd_name(stream, name);
        uint32_t what = i < 3 ? 9 : random_below(stream, 10);
        snprintf(path, sizeof path, "%s/%s%s", made->path, what == 0 ? "." : "", name);
        if (has(made, name) || access(path, F_OK) == 0)
            continue;
        if (what == 0) {
            write_image(path, 0);
            made->hidden++;
        } else if (what <= 2) {
            CU_ASSERT((what == 1 ? mkdir(path, 0777) : symlink(".", path)) == 0);
            made->folders++;
        } else {
            made->kinds[made->count] = random_below(stream, 700);
            write_image(path, made->kinds[made->count]);
            strcpy(made->names[made->count++], name);
        }
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static void scratch_folder(char path[SCRATCH_PATH], const char *what, int round)
{
    char name[64];
    snprintf(name, sizeof name, "%s%d", what, round);
    scratch_path(path, name);
    CU_ASSERT_FATAL(mkdir(path, 0777) == 0);
}

static void listing_is_exact(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct random_stream stream = stream_of((uint64_t)round);
        struct imagefiles files = {.channels = 1};
        const char *sorted[MOST_FILES];
        char under[SCRATCH_PATH], count[64];
        struct made made;

        scratch_folder(under, "list", round);
        make_folder(&made, &stream, under);
        for (size_t i = 0; i < made.count; i++)
            sorted[i] = made.names[i];
        qsort(sorted, made.count, sizeof *sorted, compare_names);
        CU_ASSERT_FATAL(imagefiles_list(&files, made.path, NULL) == STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(files.count, made.count);
        for (size_t i = 0; i < files.count; i++) {
            CU_ASSERT_STRING_EQUAL(files.items[i].path + strlen(made.path) + 1, sorted[i]);
            CU_ASSERT(is_printable(files.items[i].name));
        }
        const char *left_out = files.left_out.bytes ? files.left_out.bytes : "";
        CU_ASSERT(is_printable(left_out));
        snprintf(count, sizeof count, "%zu sub-folder", made.folders);
        CU_ASSERT((strstr(left_out, count) != NULL) == (made.folders > 0));
        snprintf(count, sizeof count, "%zu hidden", made.hidden);
        CU_ASSERT((strstr(left_out, count) != NULL) == (made.hidden > 0));
        imagefiles_release(&files);
    }
}

/* Load the folders' images; the names in the experiment are as they are, below `under`. */
static enum status load(const char *under, const struct made *train, const struct made *test,
                        bool allow, struct dataset_content *content, struct error *error)
{
    struct folder config = {.train = strrchr(train->path, '/') + 1,
                            .test = strrchr(test->path, '/') + 1,
                            .allow_test_in_training = allow};
    struct dataset_request request = {under, 0, SIZE_MAX, SIZE_MAX, 2, NULL, CONTENT_IMAGE};
    return dataset_folder.load(&config, &request, content, error);
}

/* Those wanted, and no others, with the bits that all of them have; any threads. */
static void decoding_what_is_wanted(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct random_stream stream = stream_of(100 + (uint64_t)round);
        struct dataset_content all, some;
        struct made train, test;
        char under[SCRATCH_PATH];
        bool wanted[MOST_FILES];
        size_t faulty, count = 0;

        scratch_folder(under, "decode", round);
        make_folder(&train, &stream, under);
        make_folder(&test, &stream, under);
        CU_ASSERT_FATAL(load(under, &train, &test, true, &all, NULL) == STATUS_OK);
        CU_ASSERT_FATAL(load(under, &train, &test, true, &some, NULL) == STATUS_OK);
        CU_ASSERT_FATAL(pools_hold(&all, 1, NULL) == STATUS_OK);
        for (size_t i = 0; i < train.count; i++)
            count += wanted[i] = random_below(&stream, 3) == 0;
        CU_ASSERT_FATAL(dataset_pool_hold(&some.train, wanted, 1 + round % 3, &some.notes, &faulty,
                                          NULL) == STATUS_OK);
        CU_ASSERT_EQUAL(some.train.images.count, count);
        CU_ASSERT_EQUAL(some.test.images.count, 0);
        for (size_t i = 0; i < train.count; i++) {
            if (!wanted[i])
                continue;
            struct image a = dataset_pool_image(&all.train, i);
            struct image b = dataset_pool_image(&some.train, i);
            CU_ASSERT_FATAL(shape_equal(a.shape, b.shape));
            CU_ASSERT_EQUAL(memcmp(a.pixels, b.pixels, shape_size(a.shape) * sizeof(float)), 0);
        }
        CU_ASSERT_STRING_EQUAL(all.sha256, some.sha256);
        dataset_content_release(&all);
        dataset_content_release(&some);
    }
}

/* Images in both folders: as many as have the bytes of one there, under whatever name. */
static void shared_images_are_found(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct random_stream stream = stream_of(200 + (uint64_t)round);
        struct dataset_content content;
        struct error error = {0};
        struct made train, test;
        char under[SCRATCH_PATH], path[PATH];
        size_t shared = 0;

        scratch_folder(under, "shared", round);
        make_folder(&train, &stream, under);
        make_folder(&test, &stream, under);
        for (size_t i = 0; round % 3 && i < test.count; i++)
            if (random_below(&stream, 3) == 0) {
                test.kinds[i] = train.kinds[random_below(&stream, (uint32_t)train.count)];
                snprintf(path, sizeof path, "%s/%s", test.path, test.names[i]);
                write_image(path, test.kinds[i]);
            }
        for (size_t i = 0; i < test.count; i++)
            for (size_t k = 0; k < train.count; k++)
                if (test.kinds[i] == train.kinds[k]) {
                    shared++;
                    break;
                }
        enum status status = load(under, &train, &test, false, &content, &error);
        CU_ASSERT_EQUAL(status, shared ? STATUS_CONFIG : STATUS_OK);
        CU_ASSERT(is_printable(error.message));
        dataset_content_release(&content);
        CU_ASSERT_FATAL(load(under, &train, &test, true, &content, NULL) == STATUS_OK);
        CU_ASSERT_EQUAL(content.shared, shared);
        dataset_content_release(&content);
    }
}

/* The paths that are looked at are those of the folders, and a file that changes is noticed. */
static void changes_are_noticed(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct random_stream stream = stream_of(300 + (uint64_t)round);
        struct made made;
        char under[SCRATCH_PATH], path[PATH], before[HASH_TEXT], after[HASH_TEXT];
        bool recent;

        scratch_folder(under, "change", round);
        make_folder(&made, &stream, under);
        struct folder config = {.train = strrchr(made.path, '/') + 1,
                                .test = "other\nfolder",
                                .allow_test_in_training = true};
        struct text paths = {0};
        dataset_folder.folders(&config, under, &paths);
        CU_ASSERT_STRING_EQUAL_FATAL(paths.bytes, made.path);
        snprintf(path, sizeof path, "%s/other\nfolder", under);
        CU_ASSERT_STRING_EQUAL(paths.bytes + strlen(made.path) + 1, path);
        CU_ASSERT_EQUAL(paths.length, strlen(made.path) + strlen(path) + 2);

        CU_ASSERT_FATAL(data_digest_identity(paths.bytes, before, &recent, NULL) == STATUS_OK);
        CU_ASSERT_FATAL(data_digest_identity(paths.bytes, after, &recent, NULL) == STATUS_OK);
        CU_ASSERT_STRING_EQUAL(before, after);
        const char *name = made.names[random_below(&stream, (uint32_t)made.count)];
        snprintf(path, sizeof path, "%s/%s", made.path, name);
        const struct timespec times[2] = {{1000000000, 0}, {1000000000 + round, 1}};
        CU_ASSERT_FATAL(utimensat(AT_FDCWD, path, times, 0) == 0);
        CU_ASSERT_FATAL(data_digest_identity(paths.bytes, after, &recent, NULL) == STATUS_OK);
        CU_ASSERT_STRING_NOT_EQUAL(before, after);
        text_release(&paths);
    }
}

void folders_property_suite(void)
{
    CU_pSuite suite = CU_add_suite("folders_property", NULL, NULL);

    CU_add_test(suite, "all files are listed, and nothing else", listing_is_exact);
    CU_add_test(suite, "what is wanted is decoded, and nothing else", decoding_what_is_wanted);
    CU_add_test(suite, "images in both folders are found", shared_images_are_found);
    CU_add_test(suite, "changes are noticed, whatever the names", changes_are_noticed);
}
