/* cache: entries come back whole or not at all, loose or packed; pruning. */
#include "cache/cache.h"
#include "tests/unit/cache_bench.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void cache_suite(void);

static void test_put_and_get(void)
{
    struct cache cache;

    fresh(&cache, "put");
    CU_ASSERT(!cache_has(&cache, TRIAL_EVALUATE, key_of(1)));
    CU_ASSERT_EQUAL(get(&cache, 1), 0);
    OK(put(&cache, 1));
    CU_ASSERT(cache_has(&cache, TRIAL_EVALUATE, key_of(1)));
    CU_ASSERT(!cache_has(&cache, TRIAL_TRAIN, key_of(1)));
    CU_ASSERT_EQUAL(get(&cache, 1), 1);
    OK(put(&cache, 1));
    CU_ASSERT_EQUAL(get(&cache, 1), 1);
    CU_ASSERT_EQUAL(told, 0);
    cache_close(&cache);
}

static void test_failures(void)
{
    struct cache cache;
    struct record record = {0}, back;
    bool found;

    fresh(&cache, "failure");
    OK(cache_get_failure(&cache, key_of(1), &back, &found, &error));
    CU_ASSERT(!found);
    OK(record_text(&record, "status", "failed: so", &error));
    OK(cache_put_failure(&cache, key_of(1), &record, &error));
    record_release(&record);
    CU_ASSERT_EQUAL(get(&cache, 1), 0); /* no entry */
    OK(cache_get_failure(&cache, key_of(1), &back, &found, &error));
    CU_ASSERT_FATAL(found);
    CU_ASSERT_STRING_EQUAL(back.values[0].text, "failed: so");
    record_release(&back);
    OK(put(&cache, 1)); /* and then it went well */
    OK(cache_get_failure(&cache, key_of(1), &back, &found, &error));
    CU_ASSERT(!found);
    cache_close(&cache);
}

/* Every kind of damage is told, is as good as no entry, and can be mended. */
static void test_damage(void)
{
    static const long places[] = {0, 20, 100, 600, 2000};
    struct cache cache;
    char other[SCRATCH_PATH];

    fresh(&cache, "damage");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        OK(put(&cache, 1));
        overwrite(path_of(&cache, 1), places[i]);
        told = 0;
        CU_ASSERT_EQUAL(get(&cache, 1), 0);
        CU_ASSERT_EQUAL(told, 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(last_told, path_of(&cache, 1)));
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(last_told, "is damaged: its SHA-256 differs"));
    for (long length = 0; length < 5000; length += 300) {
        OK(put(&cache, 1));
        CU_ASSERT_EQUAL(truncate(path_of(&cache, 1), length), 0);
        CU_ASSERT_EQUAL(get(&cache, 1), 0);
    }
    OK(put(&cache, 1)); /* another's, under its name */
    OK(put(&cache, 2));
    snprintf(other, sizeof other, "%s", path_of(&cache, 2));
    CU_ASSERT_EQUAL(rename(path_of(&cache, 1), other), 0);
    CU_ASSERT_EQUAL(get(&cache, 2), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(last_told, "is the record of key"));
    OK(put(&cache, 2));
    CU_ASSERT_EQUAL(get(&cache, 2), 1);
    cache_close(&cache);
}

/* ---- pruning */

static void age(const char *path, long seconds)
{
    struct timespec times[2];

    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, times, 0), 0);
}

static struct cache_pruned prune(struct cache *cache, double older, uint64_t to, bool dry)
{
    struct cache_prune_options options = {older, to, dry};
    struct cache_pruned pruned;

    OK(cache_prune(cache, &options, &pruned, &error));
    return pruned;
}

static void test_prune_age_and_size(void)
{
    struct cache cache;
    struct cache_pruned pruned;

    fresh(&cache, "prune");
    put_many(&cache);
    for (int i = 0; i < 10; i++)
        age(path_of(&cache, i), 5000 + i);
    pruned = prune(&cache, 4000, UINT64_MAX, true);
    CU_ASSERT(pruned.entries == 10 && pruned.files == 10 && pruned.leftovers == 0);
    CU_ASSERT_EQUAL(good(&cache), MANY); /* it was only said; and now all have been used */
    for (int i = 0; i < 10; i++)
        age(path_of(&cache, i), 5000 + i);
    CU_ASSERT_EQUAL(get(&cache, 9), 1); /* is used: no longer old */
    pruned = prune(&cache, 4000, UINT64_MAX, false);
    CU_ASSERT_EQUAL(pruned.entries, 9);
    CU_ASSERT_EQUAL(get(&cache, 9), 1);
    CU_ASSERT_EQUAL(get(&cache, 8), 0);
    for (int i = 9; i < MANY; i++)
        age(path_of(&cache, i), 3000 - i);
    pruned = prune(&cache, -1, pruned.left / 2, false);
    CU_ASSERT(pruned.entries >= 15 && pruned.entries <= 17);
    CU_ASSERT(get(&cache, 9) == 0 && get(&cache, MANY - 1) == 1); /* the longest unused first */
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, NULL, &error));
    pruned = prune(&cache, -1, 0, false); /* a shard goes as a whole */
    CU_ASSERT(pruned.files == 1 && pruned.entries >= 14 && pruned.left == 0);
    CU_ASSERT_EQUAL(get(&cache, MANY - 1), 0);
    cache_close(&cache);
}

/* What a run uses is not touched, as long as the run lives. */
static void test_prune_spares(void)
{
    struct cache cache;
    struct cache_pruned pruned;
    struct cache_use use = {0};
    char results[SCRATCH_PATH], foreign[2 * SCRATCH_PATH];

    fresh(&cache, "spares");
    put_many(&cache);
    scratch_path(results, "spares");
    OK(cache_use_begin(&use, results, "experiment", &error));
    OK(cache_use_add(&use, key_of(1), &error));
    OK(cache_use_add(&use, key_of(2), &error));
    OK(cache_use_ready(&use, &error));
    pruned = prune(&cache, 0, 0, false);
    CU_ASSERT(pruned.kept == 2 && pruned.entries == MANY - 2);
    CU_ASSERT(get(&cache, 1) == 1 && get(&cache, 2) == 1);
    OK(put(&cache, 3));
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, NULL, &error));
    pruned = prune(&cache, 0, 0, false); /* a shard that holds one of them */
    CU_ASSERT(pruned.kept == 1 && pruned.files == 0);
    CU_ASSERT_EQUAL(get(&cache, 3), 1);
    /* Another machine's run lives as long as its file is touched. */
    snprintf(foreign, sizeof foreign, "%s/runs/experiment/keys.elsewhere.1", results);
    CU_ASSERT_EQUAL(rename(use.path, foreign), 0);
    CU_ASSERT_EQUAL(prune(&cache, 0, 0, false).kept, 1);
    age(foreign, 2000);
    pruned = prune(&cache, 0, 0, false);
    CU_ASSERT(pruned.kept == 0 && pruned.files == 1);
    CU_ASSERT_NOT_EQUAL(access(foreign, F_OK), 0); /* and so does the note of the dead */
    cache_use_end(&use);
    cache_close(&cache);
}

static void plant(const char *path)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("left", file);
    fclose(file);
}

static void test_leftovers(void)
{
    struct cache cache;
    struct cache_pruned pruned;
    struct text path = {0};
    char part[SCRATCH_PATH + 16], young[SCRATCH_PATH + 16];

    fresh(&cache, "leftovers");
    OK(put(&cache, 1));
    snprintf(part, sizeof part, "%s.7.part", path_of(&cache, 1));
    snprintf(young, sizeof young, "%s.8.part", path_of(&cache, 1));
    plant(part);
    plant(young);
    age(part, 7200);
    OK(cache_make_path(&cache, TRIAL_EVALUATE, key_of(1), ".failed", &path, &error));
    plant(path.bytes); /* and then it went well */
    pruned = prune(&cache, -1, UINT64_MAX, false);
    CU_ASSERT(pruned.leftovers == 2 && pruned.entries == 0 && pruned.files == 0);
    CU_ASSERT(access(part, F_OK) != 0 && access(path.bytes, F_OK) != 0);
    CU_ASSERT_EQUAL(access(young, F_OK), 0); /* somebody may be writing it */
    CU_ASSERT_EQUAL(get(&cache, 1), 1);
    text_clear(&path);
    OK(cache_make_path(&cache, TRIAL_TRAIN, key_of(5), ".checkpoint", &path, &error));
    plant(path.bytes); /* of a training that is not done */
    CU_ASSERT_EQUAL(prune(&cache, -1, UINT64_MAX, false).leftovers, 0);
    CU_ASSERT_EQUAL(access(path.bytes, F_OK), 0);
    CU_ASSERT_EQUAL(prune(&cache, 0, UINT64_MAX, false).files, 2); /* like everything by its age */
    CU_ASSERT_NOT_EQUAL(access(path.bytes, F_OK), 0);
    text_release(&path);
    cache_close(&cache);
}

/* The first entry is flushed as it is put; what follows within the second waits for the others. */
static void test_flush(void)
{
    struct cache cache;
    struct record back;
    bool found;
    char path[SCRATCH_PATH], key[HASH_TEXT];

    fresh(&cache, "cache_flush");
    OK(put(&cache, 1));
    CU_ASSERT_EQUAL(cache.pending.length, 0);
    OK(put(&cache, 2));
    snprintf(key, sizeof key, "%s", key_of(3));
    OK(put(&cache, 3));
    CU_ASSERT_PTR_NOT_NULL_FATAL(cache.pending.bytes);
    const char *second = cache.pending.bytes, *third = second + strlen(second) + 1;
    CU_ASSERT_PTR_NOT_NULL(strstr(second, key_of(2)));
    CU_ASSERT_PTR_NOT_NULL(strstr(third, key));
    OK(cache_get_values(&cache, TRIAL_EVALUATE, key, &back, &found, &error)); /* there already */
    CU_ASSERT_TRUE(found);
    record_release(&back);
    snprintf(path, sizeof path, "%s/evaluate/%.2s/%s.h5", cache.folder, key, key);
    CU_ASSERT_EQUAL(unlink(path), 0); /* gone into a shard, say */
    OK(cache_flush(&cache, &error));
    CU_ASSERT_EQUAL(cache.pending.length, 0);
    OK(cache_flush(&cache, &error));
    cache.flushed -= 1; /* a second later */
    OK(put(&cache, 4));
    CU_ASSERT_EQUAL(cache.pending.length, 0);
    cache_close(&cache);
}

void cache_suite(void)
{
    CU_pSuite suite = CU_add_suite("cache", NULL, NULL);
    CU_add_test(suite, "what was put is got", test_put_and_get);
    CU_add_test(suite, "failures stand apart", test_failures);
    CU_add_test(suite, "damage is told, and is as good as none", test_damage);
    CU_add_test(suite, "pruning by age and size", test_prune_age_and_size);
    CU_add_test(suite, "what a run uses is spared", test_prune_spares);
    CU_add_test(suite, "leftovers go", test_leftovers);
    CU_add_test(suite, "entries are flushed together", test_flush);
}
