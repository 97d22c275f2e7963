/* A cache of its own, and entries for it. */
#ifndef UNDERSTUDY_TESTS_UNIT_CACHE_BENCH_H
#define UNDERSTUDY_TESTS_UNIT_CACHE_BENCH_H

#include "base/folder.h"
#include "cache/cache.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

#endif
