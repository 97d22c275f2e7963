#include "results/results_write.h"

#include "base/interrupt.h"
#include "base/text.h"
#include "base/work.h"
#include "interfaces/engine.h"
#include "io/files/atomic_file.h"
#include "results/columns.h"
#include "results/provenance.h"
#include "results/results_keep.h"
#include "trial/data_digest.h"
#include "trial/evaluation/difference.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum status write_plan(struct hdf5 *file, const struct plan *plan, const char *resolved,
                              struct error *error)
{
    PASS(hdf5_attribute_integer(file, "/", "format_version", RESULTS_FORMAT, error));
    PASS(hdf5_attribute_text(file, "/", "experiment", plan->base.name, error));
    PASS(hdf5_attribute_text(file, "/", "about", plan->base.about, error));
    PASS(hdf5_write_text(file, "/plan/yaml", plan->yaml, error));
    PASS(hdf5_write_text(file, "/plan/resolved", resolved, error));
    for (size_t i = 0; i < plan->fragment_count; i++) { /* what it includes */
        char path[64];
        snprintf(path, sizeof path, "/plan/include/%05zu", i);
        PASS(hdf5_write_text(file, path, plan->fragments[i].yaml, error));
        PASS(hdf5_attribute_text(file, path, "name", plan->fragments[i].name, error));
    }
    return STATUS_OK;
}

/* Larger arrays, each first part of their paths a group: record:/curves → /curves/00007; those of
 * the clock the same below `root`, which is "/timing": record:/timing/curves →
 * /timing/curves/00007. `root` is "" else. */
static enum status copy_arrays(struct hdf5 *record, const char *root, struct hdf5 *file,
                               size_t trial, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text from = {0}, to = {0};
    const char **names;
    size_t count;

    TRY(hdf5_list(record, root[0] ? root : "/", &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "record") == 0 || strcmp(names[i], "timing") == 0)
            continue; /* the block; the clock's */
        text_clear(&from);
        text_clear(&to);
        text_append(&from, "%s/%s", root, names[i]);
        text_append(&to, "%s/%s/%05zu", root, names[i], trial);
        TRY(text_status(&from, error));
        TRY(text_status(&to, error));
        TRY(hdf5_copy(record, from.bytes, file, to.bytes, error));
    }
out:
    text_release(&to);
    text_release(&from);
    arena_release(&arena);
    return status;
}

/* Small ones in the same way: curves/train.loss → /curves/00007/train.loss; where all are `timed`,
 * each below /timing. */
static enum status write_arrays(const struct record *record, struct hdf5 *file, size_t trial,
                                bool timed, struct error *error)
{
    static const char clock[] = "timing/";
    enum status status = STATUS_OK;
    struct text to = {0};

    for (size_t i = 0; i < record->array_count; i++) {
        const char *path = record->arrays[i].path;
        bool timing = strncmp(path, clock, sizeof clock - 1) == 0;
        const char *group = path + (timing ? sizeof clock - 1 : 0);
        size_t length = strcspn(group, "/");
        TRY(text_print(&to, error, "%s/%.*s/%05zu%s", timing || timed ? "/timing" : "", (int)length,
                       group, trial, group + length));
        TRY(hdf5_write(file, to.bytes, &record->arrays[i].array, error));
    }
out:
    text_release(&to);
    return status;
}

enum status store_arrays(struct store *store, size_t trial, const struct record *record, bool timed,
                         struct error *error)
{
    return write_arrays(record, &store->file, trial, timed, error);
}

/* One trial: its values to the tables, its arrays to the file. `judge` says what is as good as the
 * pipeline. */
static enum status merge(struct store *store, const struct experiment *judge, struct table *table,
                         struct table *times, size_t trial, const struct store_source *source,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct hdf5 file = {0};
    bool found;

    TRY(interrupt_check(error));
    TRY(source->open(source->context, trial, &record, &file, &found, error));
    if (!found)
        goto out;
    TRY(difference_judge(&record, judge, error));
    TRY(table_add(table, trial, &record, false, error));
    TRY(table_add(times, trial, &record, true, error));
    if (file.file)
        TRY(copy_arrays(&file, "", &store->file, trial, error));
    if (file.file && hdf5_is_group(&file, "/timing"))
        TRY(copy_arrays(&file, "/timing", &store->file, trial, error));
    TRY(write_arrays(&record, &store->file, trial, false, error));
out:
    hdf5_abandon(&file);
    record_release(&record);
    if (status != STATUS_OK)
        error_context(error, "trial %zu", trial);
    return status;
}

static enum status write_timing(struct hdf5 *file, const struct store_timing *timing, size_t trials,
                                struct error *error)
{
    struct store_timing copy;
    int64_t threads;
    struct hdf5_array array = {.type = HDF5_FLOAT64};

    PASS(hdf5_group(file, "/timing", error));
    if (!timing)
        return STATUS_OK;
    copy = *timing;
    threads = timing->threads;
    array.values = &copy.total;
    PASS(hdf5_write(file, "/timing/total", &array, error));
    PASS(hdf5_attribute_text(file, "/timing/total", "unit", "s", error));
    array.type = HDF5_INT64;
    array.values = &threads;
    PASS(hdf5_write(file, "/timing/threads", &array, error));
    if (!timing->seconds)
        return STATUS_OK;
    array = (struct hdf5_array){
        .type = HDF5_FLOAT64, .rank = 1, .dims = {trials}, .values = timing->seconds};
    PASS(hdf5_write(file, "/timing/seconds", &array, error));
    return hdf5_attribute_text(file, "/timing/seconds", "unit", "s", error);
}

static enum status name_files(struct store *store, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct text part = {0};

    TRY(atomic_file_part(path, &part, error));
    path_print(store->part, "%s", part.bytes);
    atomic_file_sweep_path(path); /* what killed runs of this experiment left */
    path_print(store->path, "%s", path);
out:
    text_release(&part);
    return status;
}

/* /trials and /timing/trials, and the arrays of all records. */
static enum status write_trials(struct store *store, const struct plan *plan,
                                const struct store_source *source, struct error *error)
{
    enum status status = STATUS_OK;
    struct table table = {0}, times = {.rows = plan->trial_count};

    int work = work_begin(plan->trial_count, "trials");

    TRY(table_begin(&table, plan, error));
    for (size_t i = 0; i < plan->trial_count; i++) {
        TRY(merge(store, &plan->base, &table, &times, i, source, error));
        work_did(work, 1);
    }
    TRY(table_write(&table, &store->file, "/trials", error));
    TRY(table_write(&times, &store->file, "/timing/trials", error));
out:
    work_end(work);
    table_release(&times);
    table_release(&table);
    return status;
}

enum status store_begin(struct store *store, const char *path, const struct plan *plan,
                        const char *resolved, const struct store_source *source,
                        const char *datasets, const struct store_timing *timing,
                        struct error *error)
{
    enum status status = STATUS_OK;
    const struct engine *engine = engine_of(plan->base.train.engine.kind);

    memset(store, 0, sizeof *store);
    TRY(name_files(store, path, error));
    path_print(store->cache, "%s", source->cache ? source->cache : "");
    TRY(hdf5_create(&store->file, store->part, error));
    TRY(write_plan(&store->file, plan, resolved, error));
    if (source->fingerprint)
        TRY(hdf5_attribute_text(&store->file, "/", "trials_sha256", source->fingerprint, error));
    TRY(provenance_write(&store->file, engine, (enum precision)plan->base.train.precision, datasets,
                         error));
    TRY(environment_write(&store->file, error));
    TRY(write_trials(store, plan, source, error));
    TRY(write_timing(&store->file, timing, plan->trial_count, error));
out:
    if (status != STATUS_OK)
        store_discard(store);
    return status;
}

enum status store_preview(struct hdf5 *file, const struct plan *plan, const char *resolved,
                          const struct store_source *source, struct error *error)
{
    enum status status = STATUS_OK;
    struct store store = {0};

    TRY(hdf5_create_image(&store.file, plan->base.name, error));
    TRY(write_plan(&store.file, plan, resolved, error));
    TRY(write_trials(&store, plan, source, error));
    *file = store.file;
    return status;
out:
    store_discard(&store);
    return status;
}

enum status store_digest(struct hdf5 *file, char digest[65], struct error *error)
{
    /* What may differ between two runs of one plan. */
    static const char *const left_out[] = {"environment", "plan", "provenance", "timing"};
    enum status status = STATUS_OK;
    struct arena arena = {0};
    const char **names, **paths;
    size_t count, kept = 0;

    TRY(hdf5_list(file, "/", &arena, &names, &count, error));
    TRY(arena_new(&arena, &paths, count + 1, sizeof *paths, error));
    paths[kept++] = "/plan/resolved";
    for (size_t i = 0; i < count; i++) {
        bool out = false;
        for (size_t j = 0; j < sizeof left_out / sizeof *left_out; j++)
            out = out || strcmp(names[i], left_out[j]) == 0;
        if (out)
            continue;
        TRY(arena_print(&arena, &paths[kept++], error, "/%s", names[i]));
    }
    TRY(hdf5_digest(file, paths, kept, digest, error));
out:
    arena_release(&arena);
    return status;
}

/* That the file at `path`, as `stat` sees it now, has this content. */
static enum status remember(const char *path, const char *cache, const char *digest,
                            struct error *error)
{
    char identity[HASH_TEXT];
    bool recent; /* it is ours, and was written a moment ago: no reason for doubt */

    PASS(data_digest_identity(path, identity, &recent, error));
    return data_digest_remember(cache, identity, digest, error);
}

enum status store_fingerprint(const struct plan *plan, const char *resolved,
                              const char *const *keys, char fingerprint[65], struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(hash_number(&hash, RESULTS_FORMAT, error));
    TRY(hash_text(&hash, provenance_version(), error));
    TRY(hash_text(&hash, plan->yaml, error));
    for (size_t i = 0; i < plan->fragment_count; i++) {
        TRY(hash_text(&hash, plan->fragments[i].name, error));
        TRY(hash_text(&hash, plan->fragments[i].yaml, error));
    }
    TRY(hash_text(&hash, resolved, error));
    for (size_t i = 0; i < plan->trial_count; i++)
        TRY(hash_text(&hash, keys[i], error));
    TRY(hash_end(&hash, fingerprint, error));
out:
    hash_release(&hash);
    return status;
}

/* Do the contents have the digest that the file claims? */
static enum status is_whole(struct hdf5 *file, const char *path, const char *cache,
                            const char *claimed, bool *whole, struct error *error)
{
    char identity[HASH_TEXT], digest[HASH_TEXT];
    bool recent;

    PASS(data_digest_identity(path, identity, &recent, error));
    if (cache && data_digest_recall(cache, identity, digest)) {
        *whole = strcmp(digest, claimed) == 0;
        return STATUS_OK;
    }
    PASS(store_digest(file, digest, error));
    *whole = strcmp(digest, claimed) == 0;
    if (*whole && cache && !recent)
        PASS(data_digest_remember(cache, identity, digest, error));
    return STATUS_OK;
}

enum status store_is_current(const char *path, const char *cache, const char *fingerprint,
                             char digest[65], bool *current, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct error damage = {0};
    const char *made_from, *claimed;

    *current = false;
    if (access(path, F_OK) != 0)
        return STATUS_OK;
    TRY(hdf5_open(&file, path, false, &damage));
    TRY(hdf5_check_format(&file, RESULTS_FORMAT, &damage));
    TRY(hdf5_read_attribute_text(&file, "/", "trials_sha256", &arena, &made_from, &damage));
    TRY(hdf5_read_attribute_text(&file, "/", "content_sha256", &arena, &claimed, &damage));
    if (strcmp(made_from, fingerprint) != 0 || strlen(claimed) != HASH_TEXT - 1)
        goto out;
    TRY(is_whole(&file, path, cache, claimed, current, &damage));
    memcpy(digest, claimed, HASH_TEXT);
out:
    hdf5_abandon(&file);
    arena_release(&arena);
    if (status == STATUS_DATA || status == STATUS_IO) { /* it will be written anew */
        *current = false;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        *error = damage;
    return status;
}

/* The finished file in the old one's place, which is kept. */
static enum status put_in_place(struct store *store, const char *resolved, const char *digest,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct keep_new fresh = {.path = store->path,
                             .resolved = resolved,
                             .digest = digest,
                             .plots = store->plots,
                             .drawn = store->drawn};
    int lock;

    TRY(keep_lock(store->path, &lock, error));
    TRY(keep_old(&fresh, &store->told, error));
    TRY(atomic_file_replace(store->part, store->path, error));
    store->part[0] = '\0';
out:
    keep_unlock(lock);
    return status;
}

enum status store_seal(struct store *store, char digest[65], struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    const char *resolved;
    char own[65];

    work_step("writing results");
    TRY(store_digest(&store->file, own, error));
    TRY(hdf5_attribute_text(&store->file, "/", "content_sha256", own, error));
    TRY(hdf5_read_text(&store->file, "/plan/resolved", &arena, &resolved, error));
    TRY(hdf5_close(&store->file, error));
    TRY(put_in_place(store, resolved, own, error));
    if (store->cache[0])
        TRY(remember(store->path, store->cache, own, error));
    if (digest)
        memcpy(digest, own, sizeof own);
out:
    work_step(NULL);
    arena_release(&arena);
    return status;
}

void store_discard(struct store *store)
{
    hdf5_abandon(&store->file);
    if (store->part[0])
        unlink(store->part);
    store->part[0] = '\0';
    text_release(&store->told);
}
