/* run/cache: entries come back whole or not at all, loose or folded, whatever happens meanwhile. */
#include "cache/cache.h"

#include "base/folder.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void cache_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;
static size_t told;
static char last_told[1024];

static void on_damaged(void *context, const struct error *damage)
{
    (void)context;
    told++;
    snprintf(last_told, sizeof last_told, "%s", damage->message);
}

/* An empty cache in a folder of its own. */
static void fresh(struct cache *cache, const char *name)
{
    char results[SCRATCH_PATH], command[2 * SCRATCH_PATH];

    snprintf(command, sizeof command, "rm -rf '%s'", scratch_path(results, name));
    CU_ASSERT_EQUAL_FATAL(system(command), 0);
    OK(cache_open(cache, results, &error));
    OK(folder_make(cache->folder, &error));
    cache->damaged = on_damaged;
    told = 0;
}

static const char *key_of(int number)
{
    static char key[HASH_TEXT];
    struct hash hash = {0};

    OK(hash_begin(&hash, &error));
    OK(hash_number(&hash, (uint64_t)number, &error));
    OK(hash_end(&hash, key, &error));
    return key;
}

static enum status put(struct cache *cache, int number)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    float values[] = {1, 2, (float)number};
    struct hdf5_array array = {.type = HDF5_FLOAT32, .rank = 1, .dims = {3}, .values = values};

    TRY(record_integer(&record, "number", number, &error));
    TRY(record_array(&record, "curves/train.loss", &array, &error));
    TRY(cache_put(cache, TRIAL_EVALUATE, key_of(number), &record, &error));
out:
    record_release(&record);
    return status;
}

/* 1: it is there, as it was put; 0: it is not; -1: something else. */
static int get(struct cache *cache, int number)
{
    struct record record;
    bool found;
    int result = 0;

    if (cache_get(cache, TRIAL_EVALUATE, key_of(number), &record, &found, &error) != STATUS_OK)
        return -1;
    if (found) {
        const struct record_value *value = record_value(&record, "number");
        const struct hdf5_array *array = record_find(&record, "curves/train.loss");
        result = value && value->integer == number && array && array->dims[0] == 3 &&
                         ((const float *)array->values)[2] == (float)number
                     ? 1
                     : -1;
    }
    record_release(&record);
    return result;
}

static const char *path_of(struct cache *cache, int number)
{
    static char path[SCRATCH_PATH];
    struct text text = {0};

    OK(cache_path(cache, TRIAL_EVALUATE, key_of(number), ".h5", &text, &error));
    snprintf(path, sizeof path, "%s", text.bytes);
    text_release(&text);
    return path;
}

static void overwrite(const char *path, long at)
{
    int file = open(path, O_RDWR);
    char byte = 0;

    CU_ASSERT_FATAL(file >= 0);
    CU_ASSERT_EQUAL(pread(file, &byte, 1, at), 1);
    byte = (char)(byte ^ 1);
    CU_ASSERT_EQUAL(pwrite(file, &byte, 1, at), 1);
    close(file);
}

static size_t entries(struct cache *cache, size_t *shards)
{
    struct cache_usage usage[TRIAL_STEPS];

    OK(cache_usage(cache, usage, &error));
    if (shards)
        *shards = usage[TRIAL_EVALUATE].packfiles;
    return usage[TRIAL_EVALUATE].entries;
}

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

enum { MANY = 40 };

static void put_many(struct cache *cache)
{
    for (int i = 0; i < MANY; i++)
        OK(put(cache, i));
}

static int good(struct cache *cache)
{
    int count = 0;

    for (int i = 0; i < MANY; i++)
        count += get(cache, i) == 1 && cache_has(cache, TRIAL_EVALUATE, key_of(i));
    return count;
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
    CU_add_test(suite, "folded entries are read as before", test_fold);
    CU_add_test(suite, "folding leaves claimed, damaged and large entries", test_fold_leaves);
    CU_add_test(suite, "damage in a shard is told", test_shard_damage);
    CU_add_test(suite, "a kill between steps of folding", test_fold_killed);
    CU_add_test(suite, "a full disk", test_full_disk);
    CU_add_test(suite, "every failing allocation", test_memory_faults);
    CU_add_test(suite, "pruning by age and size", test_prune_age_and_size);
    CU_add_test(suite, "what a run uses is spared", test_prune_spares);
    CU_add_test(suite, "leftovers go", test_leftovers);
    CU_add_test(suite, "entries are flushed together", test_flush);
}
