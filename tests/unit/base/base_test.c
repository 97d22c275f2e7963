/* The ground floor: random streams (pinned), memory, text, hashes, errors, parallel loops. */
#include "base/clock.h"
#include "base/command.h"
#include "base/folder.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/processor.h"
#include "base/random.h"
#include "base/text.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below the limit nothing changes; above it nothing is there. */
static void test_processor(void)
{
    const char *before = getenv("UNDERSTUDY_MAX_ISA");
    char *kept = before ? strdup(before) : NULL;
    bool there[PROCESSOR_ISAS];
    enum processor_isa found;
    struct error error = {0};

    unsetenv("UNDERSTUDY_MAX_ISA");
    for (int i = 0; i < PROCESSOR_ISAS; i++)
        there[i] = processor_has((enum processor_isa)i);
    for (int limit = 0; limit < PROCESSOR_ISAS; limit++) {
        CU_ASSERT(limit == 0 || there[limit - 1] || !there[limit]);
        setenv("UNDERSTUDY_MAX_ISA", processor_isa_names[limit], 1);
        CU_ASSERT_EQUAL(processor_limit(&found, &error), STATUS_OK);
        CU_ASSERT_EQUAL((int)found, limit);
        for (int i = 0; i < PROCESSOR_ISAS; i++)
            CU_ASSERT_EQUAL(processor_has((enum processor_isa)i), i <= limit && there[i]);
    }
    setenv("UNDERSTUDY_MAX_ISA", "avx3", 1);
    CU_ASSERT_EQUAL(processor_limit(&found, &error), STATUS_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(error.message, "'avx3' is not an instruction set; expected avx2"));
    CU_ASSERT_FALSE(processor_has(PROCESSOR_AVX2));
    if (kept)
        setenv("UNDERSTUDY_MAX_ISA", kept, 1);
    else
        unsetenv("UNDERSTUDY_MAX_ISA");
    free(kept);
}

/* Known answers of the authors' Random123 library (kat_vectors, philox4x32 10). */
static void test_philox(void)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[4];
        random_philox(known[i].key, known[i].counter, out);
        CU_ASSERT_EQUAL(memcmp(out, known[i].out, sizeof out), 0);
    }
}

/* The layout of the counter: if this changes, every result of every user changes. */
static void test_streams_are_pinned(void)
{
    struct random_key key = {0x123456789abcdef0u, 7};
    struct random_stream stream = random_stream(key, RANDOM_SHUFFLE, random_index(3, 99));
    uint32_t counter[4] = {0, 99, 3u << 8, (uint32_t)RANDOM_SHUFFLE << 16 | 7};
    uint32_t words[2] = {0x9abcdef0u, 0x12345678u}, out[4];

    random_philox(words, counter, out);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(random_u32(&stream), out[i]);
    counter[0] = 1;
    random_philox(words, counter, out);
    CU_ASSERT_EQUAL(random_u32(&stream), out[0]);

    struct random_key talk = {2019, 0};
    stream = random_stream(talk, RANDOM_DEGRADE, 0);
    CU_ASSERT_EQUAL(random_u32(&stream), 2950314553u);
    CU_ASSERT_EQUAL(random_uniform(&stream), 0.16828615084323528);
    CU_ASSERT_EQUAL(random_below(&stream, 1000), 765);
    CU_ASSERT_DOUBLE_EQUAL(random_normal(&stream), 1.3489837959849846, 1e-15);
    uint32_t order[6];
    static const uint32_t pinned_order[6] = {2, 5, 3, 4, 0, 1};
    random_permutation(&stream, order, 6);
    CU_ASSERT_EQUAL(memcmp(order, pinned_order, sizeof order), 0);
}

static void test_streams_differ(void)
{
    struct random_key key = {1, 0}, other_seed = {2, 0}, other_replicate = {1, 1};
    struct random_stream streams[] = {
        random_stream(key, RANDOM_SPLIT, 0), random_stream(key, RANDOM_SPLIT, 1),
        random_stream(key, RANDOM_DEGRADE, 0), random_stream(other_seed, RANDOM_SPLIT, 0),
        random_stream(other_replicate, RANDOM_SPLIT, 0)};
    uint32_t first[5];

    for (int i = 0; i < 5; i++) {
        first[i] = random_u32(&streams[i]);
        for (int j = 0; j < i; j++)
            CU_ASSERT_NOT_EQUAL(first[i], first[j]);
    }
}

/* Moments over 200,000 draws, within six standard errors. */
static void test_distributions(void)
{
    enum { DRAWS = 200000, FACES = 7 };
    struct random_stream stream = random_stream((struct random_key){5, 0}, RANDOM_FIT, 0);
    double sum = 0, squares = 0, uniform = 0;
    int faces[FACES] = {0};

    for (int i = 0; i < DRAWS; i++) {
        double normal = random_normal(&stream), value = random_uniform(&stream);
        sum += normal;
        squares += normal * normal;
        CU_ASSERT_FATAL(value >= 0 && value < 1);
        uniform += value;
        faces[random_below(&stream, FACES)]++;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum / DRAWS, 0, 6 / sqrt(DRAWS));
    CU_ASSERT_DOUBLE_EQUAL(squares / DRAWS, 1, 6 * sqrt(2.0 / DRAWS));
    CU_ASSERT_DOUBLE_EQUAL(uniform / DRAWS, 0.5, 6 * sqrt(1.0 / 12 / DRAWS));
    for (int i = 0; i < FACES; i++)
        CU_ASSERT_DOUBLE_EQUAL(faces[i] / (double)DRAWS, 1.0 / FACES, 6 * sqrt(0.13 / DRAWS));
}

static void test_permutation(void)
{
    struct random_stream stream = random_stream((struct random_key){5, 0}, RANDOM_SPLIT, 0);
    uint32_t order[100];
    bool seen[100] = {false};

    random_permutation(&stream, order, 100);
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_FATAL(order[i] < 100);
        CU_ASSERT_FALSE(seen[order[i]]);
        seen[order[i]] = true;
    }
    random_permutation(&stream, order, 0);
}

static void test_memory(void)
{
    struct error error;
    double *block;
    size_t product;

    CU_ASSERT_EQUAL(memory_new(&block, 10, sizeof *block, &error), STATUS_OK);
    CU_ASSERT_EQUAL((uintptr_t)block % MEMORY_ALIGNMENT, 0);
    CU_ASSERT_EQUAL(block[9], 0);
    block[9] = 3;
    CU_ASSERT_EQUAL(memory_grow(&block, 10, 1000, sizeof *block, &error), STATUS_OK);
    CU_ASSERT_EQUAL(block[9], 3);
    CU_ASSERT_EQUAL(block[999], 0);
    memory_free(block);
    CU_ASSERT_EQUAL(memory_new(&block, SIZE_MAX / 4, 8, &error), STATUS_MEMORY);
    CU_ASSERT_PTR_NULL(block);
    CU_ASSERT_FALSE(memory_multiply(SIZE_MAX / 2, 3, &product));
    CU_ASSERT_TRUE(memory_multiply(6, 7, &product));
    CU_ASSERT_EQUAL(product, 42);
    memory_fail_at(2);
    CU_ASSERT_EQUAL(memory_new(&block, 1, 1, &error), STATUS_OK);
    memory_free(block);
    CU_ASSERT_EQUAL(memory_new(&block, 1, 1, &error), STATUS_MEMORY);
    memory_fail_at(0);
    CU_ASSERT_EQUAL(memory_new(&block, 0, 8, &error), STATUS_OK);
    CU_ASSERT_PTR_NULL(block);
}

static void test_arena(void)
{
    struct arena arena = {0};
    struct error error;
    const char *text;
    char *block;

    for (int i = 1; i < 300; i++) {
        CU_ASSERT_EQUAL_FATAL(arena_new(&arena, &block, (size_t)i, 37, &error), STATUS_OK);
        CU_ASSERT_EQUAL((uintptr_t)block % _Alignof(max_align_t), 0);
        for (int k = 0; k < 37 * i; k++)
            CU_ASSERT_EQUAL_FATAL(block[k], 0);
        memset(block, 0xff, 37 * (size_t)i);
    }
    CU_ASSERT_EQUAL(arena_copy(&arena, "words", 4, &text, &error), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(text, "word");
    CU_ASSERT_EQUAL(arena_new(&arena, &block, SIZE_MAX, 2, &error), STATUS_MEMORY);
    arena_release(&arena);
}

static void test_printable(void)
{
    static const char bytes[] = "a\033[2J\tb\x7F\xC3\xA9\xC2\x9B"
                                "1m\xC2";
    /* right-to-left override and isolate, zero-width space, byte-order mark, overlong /, surrogate,
     * beyond Unicode, cut short; a letter of two, a sign of three and one of four bytes */
    static const char more[] = "\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8B\xEF\xBB\xBF|\xC0\xAF|"
                               "\xED\xA0\x80|\xF4\x90\x80\x80|\xE2\x82|"
                               "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    struct text text = {0};

    text_append_printable(&text, bytes, sizeof bytes - 1);
    CU_ASSERT_STRING_EQUAL(text.bytes, "a?[2J?b?\xC3\xA9?1m?");
    text_clear(&text);
    text_append_printable(&text, more, sizeof more - 1);
    CU_ASSERT_STRING_EQUAL(text.bytes, "????|??|???|????|??|\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    text_release(&text);
}

static void test_text(void)
{
    struct text text = {0};
    struct error error;

    text_append(&text, "%d and %s", 3, "four");
    text_append_real(&text, 0.1);
    text_append(&text, " ");
    text_append_real(&text, 1e-5);
    text_append(&text, " ");
    text_append_real(&text, 1.0 / 3);
    CU_ASSERT_STRING_EQUAL(text.bytes, "3 and four0.1 1e-05 0.3333333333333333");
    text_clear(&text);
    memory_fail_at(1);
    for (int i = 0; i < 40; i++)
        text_append(&text, "0123456789");
    memory_fail_at(0);
    CU_ASSERT_EQUAL(text_status(&text, &error), STATUS_MEMORY);
    text_release(&text);
    CU_ASSERT_EQUAL(text_status(&text, &error), STATUS_OK);
}

static void test_nearest(void)
{
    const char *best = NULL;

    CU_ASSERT_EQUAL(text_distance("gausian", "gaussian"), 1);
    CU_ASSERT_EQUAL(text_distance("epohcs", "epochs"), 1);
    CU_ASSERT_EQUAL(text_distance("", "abc"), 3);
    text_nearest("epohcs", "batch", &best);
    CU_ASSERT_PTR_NULL(best);
    text_nearest("epohcs", "epochs", &best);
    CU_ASSERT_STRING_EQUAL(best, "epochs");
    best = NULL;
    text_nearest("xyz", "abc", &best);
    CU_ASSERT_PTR_NULL(best);
}

/* FIPS 180-4's example, and that no two sequences of texts feed the same bytes. */
static void test_hash(void)
{
    struct hash hash = {0};
    struct error error;
    char one[HASH_TEXT], two[HASH_TEXT];

    CU_ASSERT_EQUAL_FATAL(hash_begin(&hash, &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_bytes(&hash, "abc", 3, &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_end(&hash, one, &error), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(one, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CU_ASSERT_EQUAL_FATAL(hash_begin(&hash, &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_text(&hash, "ab", &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_text(&hash, "c", &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_end(&hash, one, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(hash_begin(&hash, &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_text(&hash, "a", &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_text(&hash, "bc", &error), STATUS_OK);
    CU_ASSERT_EQUAL(hash_end(&hash, two, &error), STATUS_OK);
    CU_ASSERT_STRING_NOT_EQUAL(one, two);
    hash_release(&hash);
}

static void test_error(void)
{
    struct error error;
    struct location where = {"x.yaml", 14, 7, "pipeline.stages[1].gausian"};
    char text[512];

    CU_ASSERT_EQUAL(error_set(&error, STATUS_CONFIG, "unknown %s", "stage"), STATUS_CONFIG);
    error.where = where;
    CU_ASSERT_EQUAL(error_context(&error, "trial %d", 7), STATUS_CONFIG);
    error_text(&error, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "x.yaml:14:7: pipeline.stages[1].gausian: trial 7: unknown stage");
    CU_ASSERT_EQUAL(error_set(NULL, STATUS_DATA, "nobody listens"), STATUS_DATA);
    CU_ASSERT_EQUAL(error_set(&error, STATUS_DATA, "plain"), STATUS_DATA);
    error_text(&error, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "plain");
    char small[4];
    error_text(&error, small, sizeof small);
    CU_ASSERT_STRING_EQUAL(small, "pla");
}

static void square(void *context, size_t index, int thread)
{
    size_t *results = context;
    results[index] = index * index + 0 * (size_t)thread;
}

static void test_parallel(void)
{
    size_t results[1000];

    for (int threads = 1; threads <= 4; threads++) {
        memset(results, 0, sizeof results);
        parallel_for(threads, 1000, square, results);
        for (size_t i = 0; i < 1000; i++)
            CU_ASSERT_EQUAL_FATAL(results[i], i * i);
    }
    CU_ASSERT_TRUE(parallel_processors() >= 1);
}

static void test_interrupt(void)
{
    struct error error;
    char *block;

    CU_ASSERT_EQUAL(interrupt_check(&error), STATUS_OK);
    interrupt_request();
    CU_ASSERT_TRUE(interrupt_requested());
    CU_ASSERT_EQUAL(interrupt_check(&error), STATUS_INTERRUPTED);
    CU_ASSERT_EQUAL(memory_new(&block, 1000, 1, &error), STATUS_OK);
    memory_free(block);
    CU_ASSERT_EQUAL(memory_new(&block, 100 << 20, 1, &error), STATUS_INTERRUPTED);
    CU_ASSERT_PTR_NULL(block);
    interrupt_clear();
    CU_ASSERT_EQUAL(interrupt_check(&error), STATUS_OK);
}

/* A path that is too long never becomes that of another file. */
static void test_long_path(void)
{
    enum { LONG = 5000 };
    char path[PATH_ROOM], name[LONG + 1];
    struct error error;

    CU_ASSERT_STRING_EQUAL(path_print(path, "%s/%d", "a", 1), "a/1");
    for (size_t i = 0; i < LONG; i++)
        name[i] = i % 2 ? 'x' : '/';
    name[LONG] = '\0';
    errno = 0;
    CU_ASSERT(access(path_print(path, "%s", name), F_OK) != 0 && errno == ENAMETOOLONG);
    name[PATH_ROOM - 1] = '\0'; /* just as long as there is room for */
    errno = 0;
    CU_ASSERT(access(path_print(path, "%s", name), F_OK) != 0 && errno == ENAMETOOLONG);
    CU_ASSERT_EQUAL(folder_make(path, &error), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "is too long"));
    name[PATH_ROOM - 2] = '\0'; /* the longest that there can be */
    CU_ASSERT(access(path_print(path, "%s", name), F_OK) != 0 && errno == ENOENT);
}

static void test_folder(void)
{
    char path[512];
    struct error error;
    struct stat facts;

    snprintf(path, sizeof path, "%s/folder/a/b", getenv("UNDERSTUDY_TEST_DIR"));
    CU_ASSERT_EQUAL(folder_make(path, &error), STATUS_OK);
    CU_ASSERT_EQUAL(folder_make(path, &error), STATUS_OK);
    CU_ASSERT_EQUAL(stat(path, &facts), 0);
    CU_ASSERT_TRUE(S_ISDIR(facts.st_mode));
    CU_ASSERT_EQUAL(folder_make("/dev/null/below", &error), STATUS_IO);
    double before = clock_seconds();
    CU_ASSERT_TRUE(clock_seconds() >= before);
}

static void test_command(void)
{
    const char *const arguments[] = {"sh", "-c", "echo out; echo err >&2; exit 3", NULL};
    const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    const char *const missing[] = {"no-such-program", NULL};
    struct command_cost cost = {0};
    struct text output = {0}, messages = {0};
    struct error error;
    int code = 0;

    CU_ASSERT_EQUAL(command_measure(arguments, &output, &messages, &code, &cost, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL(code, 3);
    CU_ASSERT_STRING_EQUAL(output.bytes, "out\n");
    CU_ASSERT_STRING_EQUAL(messages.bytes, "err\n");
    CU_ASSERT(cost.seconds > 0 && cost.cpu_seconds >= 0 && cost.memory_mib > 0.1);
    text_clear(&messages);
    CU_ASSERT_EQUAL(command_measure(arguments, NULL, NULL, &code, &cost, &error), STATUS_OK);
    CU_ASSERT_EQUAL(code, 3);
    CU_ASSERT_EQUAL(command_run(killed, &output, &messages, &code, &error), STATUS_OK);
    CU_ASSERT_EQUAL(code, 137);
    CU_ASSERT_EQUAL(command_measure(missing, NULL, NULL, &code, &cost, &error), STATUS_UNAVAILABLE);
    text_release(&messages);
    text_release(&output);
}

void base_suite(void)
{
    CU_pSuite suite = CU_add_suite("base", NULL, NULL);
    CU_add_test(suite, "Philox gives its authors' known answers", test_philox);
    CU_add_test(suite, "random streams are pinned", test_streams_are_pinned);
    CU_add_test(suite, "streams of other purposes differ", test_streams_differ);
    CU_add_test(suite, "draws have the right distributions", test_distributions);
    CU_add_test(suite, "a permutation names each once", test_permutation);
    CU_add_test(suite, "memory is zeroed, aligned, checked", test_memory);
    CU_add_test(suite, "an arena owns what it gives", test_arena);
    CU_add_test(suite, "text grows, and fails for good", test_text);
    CU_add_test(suite, "control characters are not shown", test_printable);
    CU_add_test(suite, "the nearest name", test_nearest);
    CU_add_test(suite, "SHA-256", test_hash);
    CU_add_test(suite, "errors as text", test_error);
    CU_add_test(suite, "a parallel loop does each once", test_parallel);
    CU_add_test(suite, "a wish to stop", test_interrupt);
    CU_add_test(suite, "instruction sets above a limit are hidden", test_processor);
    CU_add_test(suite, "a path that is too long", test_long_path);
    CU_add_test(suite, "folders are made with their parents", test_folder);
    CU_add_test(suite, "commands are run, and what they cost is told", test_command);
}
