/* cache/cache_pack: entries are packed whole or not at all, whatever happens meanwhile. */
#include "base/folder.h"
#include "cache/cache.h"
#include "tests/unit/cache_bench.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void cache_pack_suite(void);

static size_t entries(struct cache *cache, size_t *shards)
{
    struct cache_usage usage[TRIAL_STEPS];

    OK(cache_usage(cache, usage, &error));
    if (shards)
        *shards = usage[TRIAL_EVALUATE].packfiles;
    return usage[TRIAL_EVALUATE].entries;
}

static void test_fold(void)
{
    struct cache cache, other;
    size_t folded, shards;
    char results[SCRATCH_PATH];

    fresh(&cache, "fold");
    OK(cache_open(&other, scratch_path(results, "fold"), &error));
    put_many(&cache);
    OK(cache_pack(&cache, TRIAL_EVALUATE, MANY + 1, &folded, &error));
    CU_ASSERT_EQUAL(folded, 0);
    CU_ASSERT_EQUAL(good(&other), MANY); /* which has looked at the shards now */
    OK(cache_pack(&cache, TRIAL_EVALUATE, MANY, &folded, &error));
    CU_ASSERT_EQUAL(folded, MANY);
    CU_ASSERT_EQUAL(entries(&cache, &shards), MANY);
    CU_ASSERT_EQUAL(shards, 1);
    CU_ASSERT_NOT_EQUAL(access(path_of(&cache, 7), F_OK), 0);
    CU_ASSERT_EQUAL(good(&cache), MANY);
    CU_ASSERT_EQUAL(good(&other), MANY);
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, &folded, &error));
    CU_ASSERT_EQUAL(folded, 0);
    OK(put(&cache, MANY)); /* one more, and one again: that is in a shard already */
    OK(put(&cache, 3));
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, &folded, &error));
    CU_ASSERT_EQUAL(folded, 2);
    CU_ASSERT_EQUAL(entries(&cache, &shards), MANY + 1);
    CU_ASSERT_EQUAL(shards, 2);
    CU_ASSERT_EQUAL(get(&other, MANY), 1);
    CU_ASSERT_EQUAL(told, 0);
    cache_close(&other);
    cache_close(&cache);
}

/* What is claimed, damaged or large stays where it is. */
static void test_fold_leaves(void)
{
    struct cache cache;
    size_t folded;
    char claim[2 * SCRATCH_PATH];
    struct record record = {0};
    float *noise = NULL;

    fresh(&cache, "leaves");
    put_many(&cache);
    snprintf(claim, sizeof claim, "%s/claims", cache.folder);
    OK(folder_make(claim, &error));
    snprintf(claim, sizeof claim, "%s/claims/%s", cache.folder, key_of(1));
    CU_ASSERT_EQUAL(symlink("nowhere", claim), 0);
    overwrite(path_of(&cache, 2), 2000);
    OK(memory_new(&noise, 1 << 19, sizeof *noise, &error));
    for (uint32_t i = 0, state = 1; i < 1 << 19; i++) {
        state = state * 1664525 + 1013904223;
        noise[i] = (float)(state >> 8);
    }
    struct hdf5_array array = {.type = HDF5_FLOAT32, .rank = 1, .dims = {1 << 19}, .values = noise};
    OK(record_array(&record, "curves/noise", &array, &error));
    OK(cache_put(&cache, TRIAL_EVALUATE, key_of(MANY), &record, &error));
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, &folded, &error));
    CU_ASSERT_EQUAL(folded, MANY - 2);
    CU_ASSERT_EQUAL(access(path_of(&cache, 1), F_OK), 0);
    CU_ASSERT_EQUAL(access(path_of(&cache, 2), F_OK), 0);
    CU_ASSERT_EQUAL(access(path_of(&cache, MANY), F_OK), 0);
    CU_ASSERT_EQUAL(get(&cache, 1), 1);
    CU_ASSERT_EQUAL(get(&cache, 2), 0);
    CU_ASSERT_EQUAL(told, 1);
    record_release(&record);
    memory_free(noise);
    cache_close(&cache);
}

/* A damaged shard: what it held is gone, and said; the rest is not. */
static void test_shard_damage(void)
{
    struct cache cache, again;
    char command[3 * SCRATCH_PATH], results[SCRATCH_PATH];
    int lost;

    fresh(&cache, "shard");
    put_many(&cache);
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, NULL, &error));
    OK(put(&cache, MANY));
    snprintf(command, sizeof command,
             "f=$(ls '%s'/evaluate/shards/*.h5) && cp \"$f\" '%s'/kept && "
             "printf '\\377\\376' | dd of=\"$f\" bs=1 seek=20000 conv=notrunc 2>/dev/null",
             cache.folder, cache.folder);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    OK(cache_open(&again, scratch_path(results, "shard"), &error));
    again.damaged = on_damaged;
    lost = MANY - good(&again);
    CU_ASSERT(lost == 1 || lost == 2);
    CU_ASSERT_EQUAL(told, (size_t)lost);
    for (int i = 0; i < MANY; i++)
        if (get(&again, i) == 0)
            OK(put(&again, i));
    CU_ASSERT_EQUAL(good(&again), MANY);
    OK(cache_pack(&again, TRIAL_EVALUATE, 1, NULL, &error)); /* beside the damaged ones */
    CU_ASSERT_EQUAL(good(&again), MANY);
    cache_close(&again);
    snprintf(command, sizeof command,
             "for f in '%s'/evaluate/shards/*.h5; do head -c 3000 '%s'/kept >\"$f\"; done",
             cache.folder, cache.folder);
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    OK(cache_open(&again, results, &error));
    again.damaged = on_damaged;
    told = 0;
    CU_ASSERT_EQUAL(good(&again), 0);
    CU_ASSERT(told > 0);
    OK(put(&again, 1));
    CU_ASSERT_EQUAL(get(&again, 1), 1);
    cache_close(&again);
    cache_close(&cache);
}

/* ---- a kill between any two steps of folding */

static int steps_left;

static void count_down(const char *name)
{
    (void)name;
    if (--steps_left == 0)
        raise(SIGKILL);
}

static int in_child(int (*act)(struct cache *, size_t), struct cache *cache, size_t number)
{
    int state = 0;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(act(cache, number));
    if (child < 0 || waitpid(child, &state, 0) != child)
        return -1;
    return WIFSIGNALED(state) ? 100 + WTERMSIG(state) : WEXITSTATUS(state);
}

static int folding_child(struct cache *cache, size_t steps)
{
    steps_left = (int)steps;
    cache->step = count_down;
    return cache_pack(cache, TRIAL_EVALUATE, 1, NULL, &error) == STATUS_OK ? 0 : 1;
}

static void test_fold_killed(void)
{
    size_t shards;
    int result = 100 + SIGKILL;

    for (size_t steps = 1; result == 100 + SIGKILL && steps < 100; steps += steps < 6 ? 1 : 9) {
        struct cache cache;
        fresh(&cache, "killed_fold");
        put_many(&cache);
        result = in_child(folding_child, &cache, steps);
        CU_ASSERT(result == 0 || result == 100 + SIGKILL);
        CU_ASSERT_EQUAL(good(&cache), MANY); /* nothing is lost */
        OK(cache_pack(&cache, TRIAL_EVALUATE, 1, NULL, &error));
        CU_ASSERT_EQUAL(good(&cache), MANY);
        CU_ASSERT_EQUAL(entries(&cache, &shards), MANY); /* nothing is double */
        CU_ASSERT_EQUAL(shards, 1);
        CU_ASSERT_EQUAL(told, 0);
        cache_close(&cache);
    }
    CU_ASSERT_EQUAL(result, 0); /* in the end it came through */
}

/* ---- a full disk */

static int limited_child(struct cache *cache, size_t limit)
{
    struct rlimit size = {.rlim_cur = limit, .rlim_max = RLIM_INFINITY};

    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &size) != 0)
        return 2;
    size.rlim_cur = limit;
    if (setrlimit(RLIMIT_FSIZE, &size) != 0)
        return 2;
    enum status status =
        cache->step ? cache_pack(cache, TRIAL_EVALUATE, 1, NULL, &error) : put(cache, MANY);
    return status == STATUS_OK ? 0 : status == STATUS_IO ? 1 : 3;
}

static void no_step(const char *name)
{
    (void)name;
}

static bool has_parts(const struct cache *cache)
{
    char command[2 * SCRATCH_PATH];

    snprintf(command, sizeof command, "[ -n \"$(find '%s' -name '*.part')\" ]", cache->folder);
    return system(command) == 0;
}

static void test_full_disk(void)
{
    struct cache cache;
    size_t failures = 0, shards;

    fresh(&cache, "full_cache");
    put_many(&cache);
    for (size_t limit = 0; limit < 5500; limit += 500) {
        int result = in_child(limited_child, &cache, limit);
        CU_ASSERT(result == 0 || result == 1);
        CU_ASSERT_EQUAL(get(&cache, MANY), result == 0);
        CU_ASSERT(!has_parts(&cache));
        failures += result == 1;
        unlink(path_of(&cache, MANY));
    }
    CU_ASSERT(failures >= 3 && failures < 11);
    cache.step = no_step; /* now foldings */
    for (size_t limit = 0; limit < 300000; limit += 37000) {
        int result = in_child(limited_child, &cache, limit);
        CU_ASSERT(result == 0 || result == 1);
        CU_ASSERT_EQUAL(good(&cache), MANY);
        CU_ASSERT(!has_parts(&cache));
    }
    OK(cache_pack(&cache, TRIAL_EVALUATE, 1, NULL, &error));
    CU_ASSERT_EQUAL(entries(&cache, &shards), MANY);
    CU_ASSERT_EQUAL(good(&cache), MANY);
    cache_close(&cache);
}

static void test_memory_faults(void)
{
    struct cache cache;
    enum status status = STATUS_MEMORY;
    size_t n = 0;

    fresh(&cache, "cache_memory");
    while (status != STATUS_OK && n < 3000) {
        memory_fail_at(++n);
        status = put(&cache, 1);
        if (status == STATUS_OK) {
            int result = get(&cache, 1);
            status = result == 1 ? STATUS_OK : result == -1 ? error.code : STATUS_DATA;
        }
        if (status == STATUS_OK)
            status = cache_pack(&cache, TRIAL_EVALUATE, 1, NULL, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        CU_ASSERT(!has_parts(&cache));
    }
    CU_ASSERT(status == STATUS_OK && n > 30);
    CU_ASSERT_EQUAL(get(&cache, 1), 1);
    CU_ASSERT_EQUAL(told, 0);
    cache_close(&cache);
}

void cache_pack_suite(void)
{
    CU_pSuite suite = CU_add_suite("cache_pack", NULL, NULL);
    CU_add_test(suite, "folded entries are read as before", test_fold);
    CU_add_test(suite, "folding leaves claimed, damaged and large entries", test_fold_leaves);
    CU_add_test(suite, "damage in a shard is told", test_shard_damage);
    CU_add_test(suite, "a kill between steps of folding", test_fold_killed);
    CU_add_test(suite, "a full disk", test_full_disk);
    CU_add_test(suite, "every failing allocation", test_memory_faults);
}
