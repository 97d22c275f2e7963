/*
 * Files, groups and links. What is common to all parts of this door:
 *
 * - HDF5's habit of printing errors is off. The innermost messages of its error stack say what
 *   went wrong; they are put into our own error.
 * - No object keeps a time stamp. Missing groups are made one by one for that reason: HDF5's own
 *   way to make those in between would stamp them.
 * - Files are in the format of HDF5 1.8: every reader of the last decade knows it, attributes may
 *   pass 64 KiB, and large groups are indexed.
 * - Files are not locked: one program writes a file, under a name of its own, and locks fail on
 *   many network file systems.
 */
#include "io/hdf5/hdf5.h"

#include "base/text.h"
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hdf5_reason {
    char text[512];
    int entries;
};

/* One entry of HDF5's stack, innermost first. The system's own words, where an entry quotes them,
 * are all that people need: the rest of such an entry is addresses and the time of day. */
static herr_t gather(unsigned depth, const H5E_error2_t *entry, void *context)
{
    static const char quote[] = "error message = '";
    struct hdf5_reason *reason = context;
    const char *words = entry->desc ? entry->desc : "";
    const char *quoted = strstr(words, quote);
    size_t used = strlen(reason->text), room = sizeof reason->text - used;

    (void)depth;
    if (quoted) {
        words = quoted + strlen(quote);
        snprintf(reason->text, sizeof reason->text, "%.*s", (int)strcspn(words, "'"), words);
        return 1;
    }
    snprintf(reason->text + used, room, "%s%s", used ? "; " : "", words);
    for (char *c = reason->text; *c; c++)
        if (*c == '\n')
            *c = ' ';
    return ++reason->entries >= 2;
}

enum status hdf5_refused(const struct hdf5 *file, enum status code, struct error *error,
                         const char *format, ...)
{
    struct hdf5_reason reason = {.text = ""};
    char what[512], name[256] = "";
    va_list arguments;

    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, gather, &reason);
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (file && file->name)
        snprintf(name, sizeof name, "%s", file->name);
    else if (file && file->file > 0 && H5Fget_name(file->file, name, sizeof name) < 0)
        name[0] = '\0';
    return error_set(error, code, "%s%s%s%s%s", name, name[0] ? ": " : "", what,
                     reason.text[0] ? ": " : "", reason.text);
}

void hdf5_drop(hid_t id)
{
    if (id > 0)
        H5Idec_ref(id);
}

/* The library's handler at exit is left out: after a write that failed (a full disk), it looks once
 * more at the file that could not be closed, and crashes. */
void hdf5_prepare(void)
{
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

hid_t hdf5_access_list(void)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list < 0)
        return list;
    if (H5Pset_libver_bounds(list, H5F_LIBVER_V18, H5F_LIBVER_LATEST) < 0 ||
        H5Pset_file_locking(list, false, true) < 0 ||
        H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) < 0) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

/* To make a list takes a fifth of the time of making the dataset. */
static hid_t untimed_list(hid_t class, hid_t *list)
{
    if (*list > 0)
        return *list;
    hid_t made = H5Pcreate(class);
    if (made >= 0 && H5Pset_obj_track_times(made, false) < 0) {
        H5Pclose(made);
        made = -1;
    }
    *list = made;
    return made;
}

hid_t hdf5_plain_list(void)
{
    static hid_t list;
    return untimed_list(H5P_DATASET_CREATE, &list);
}

hid_t hdf5_group_list(void)
{
    static hid_t list;
    return untimed_list(H5P_GROUP_CREATE, &list);
}

/* Ask the system first: its words ("No such file or directory") are plainer than HDF5's. */
static enum status probe(const char *path, int flags, const char *verb, struct error *error)
{
    int descriptor = open(path, flags, 0666);
    if (descriptor < 0)
        return error_system(error, "cannot %s %s", verb, path);
    close(descriptor);
    return STATUS_OK;
}

enum status hdf5_create(struct hdf5 *file, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t access = -1, creation = -1, id = -1;

    *file = (struct hdf5){0};
    hdf5_prepare();
    TRY(probe(path, O_RDWR | O_CREAT, "create", error));
    access = hdf5_access_list();
    creation = H5Pcreate(H5P_FILE_CREATE);
    if (access < 0 || creation < 0 || H5Pset_obj_track_times(creation, false) < 0 ||
        (id = H5Fcreate(path, H5F_ACC_TRUNC, creation, access)) < 0)
        TRY(hdf5_refused(NULL, STATUS_IO, error, "cannot create %s", path));
    file->file = id;
out:
    hdf5_drop(creation);
    hdf5_drop(access);
    return status;
}

enum status hdf5_open_here(struct hdf5 *file, const char *path, bool writable, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t access = -1, id = -1;

    file->file = 0;
    hdf5_prepare();
    access = hdf5_access_list();
    if (access < 0 || (id = H5Fopen(path, writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access)) < 0)
        TRY(hdf5_refused(NULL, STATUS_DATA, error, "%s: not an HDF5 file, or a damaged one",
                         file->name ? file->name : path));
    file->file = id;
out:
    hdf5_drop(access);
    return status;
}

enum status hdf5_open(struct hdf5 *file, const char *path, bool writable, struct error *error)
{
    *file = (struct hdf5){0};
    if (!writable)
        return hdf5_guard_open(file, path, error);
    PASS(probe(path, O_RDWR, "open", error));
    return hdf5_open_here(file, path, true, error);
}

/* The group that was written to last, kept open: the next array mostly goes to the same one, and to
 * walk there takes as long as to make the array. HDF5 serves one thread alone, and so need this. */
static struct {
    hid_t file, group;
    char path[512];
} kept;

void hdf5_leave(const struct hdf5 *file)
{
    if (kept.group > 0 && kept.file == file->file) {
        hdf5_drop(kept.group);
        kept.group = 0;
    }
}

enum status hdf5_enter(struct hdf5 *file, const char *path, hid_t *group, const char **name,
                       struct error *error)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;

    *group = file->file;
    *name = path;
    if (length == 0 || length >= sizeof kept.path)
        return hdf5_parents(file, path, error);
    if (kept.group <= 0 || kept.file != file->file || strncmp(kept.path, path, length) != 0 ||
        kept.path[length]) {
        PASS(hdf5_parents(file, path, error));
        hdf5_drop(kept.group);
        memcpy(kept.path, path, length);
        kept.path[length] = '\0';
        kept.file = file->file;
        kept.group = H5Gopen2(file->file, kept.path, H5P_DEFAULT);
        if (kept.group < 0)
            PASS(hdf5_refused(file, STATUS_IO, error, "%s is not a group", kept.path));
    }
    *group = kept.group;
    *name = slash + 1;
    return STATUS_OK;
}

enum status hdf5_close(struct hdf5 *file, struct error *error)
{
    enum status status = STATUS_OK;

    if (file->guard)
        hdf5_guard_close(file);
    if (file->file <= 0)
        return STATUS_OK;
    hdf5_leave(file);
    if (H5Fflush(file->file, H5F_SCOPE_GLOBAL) < 0)
        status = hdf5_refused(file, STATUS_IO, error, "cannot write to the disk");
    if (H5Fclose(file->file) < 0 && status == STATUS_OK)
        status = hdf5_refused(NULL, STATUS_IO, error, "cannot close the file");
    file->file = 0;
    return status;
}

void hdf5_abandon(struct hdf5 *file)
{
    if (file->guard)
        hdf5_guard_close(file);
    if (file->file > 0) {
        hdf5_leave(file);
        H5Fclose(file->file);
    }
    file->file = 0;
}

/* Make the group `path` if it is missing; its parents exist. If it is another object, adding
 * members to it will fail. */
static enum status make_group(struct hdf5 *file, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t creation, group = -1;

    if (H5Lexists(file->file, path, H5P_DEFAULT) > 0)
        return STATUS_OK;
    creation = hdf5_group_list();
    if (creation < 0 ||
        (group = H5Gcreate2(file->file, path, H5P_DEFAULT, creation, H5P_DEFAULT)) < 0)
        status = hdf5_refused(file, STATUS_IO, error, "cannot make group %s", path);
    hdf5_drop(group);
    return status;
}

enum status hdf5_parents(struct hdf5 *file, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    char *prefix = NULL;
    size_t length = strlen(path);

    TRY(memory_new(&prefix, length + 1, 1, error));
    for (size_t i = 1; i < length; i++)
        if (path[i] == '/') {
            memcpy(prefix, path, i);
            prefix[i] = '\0';
            TRY(make_group(file, prefix, error));
        }
out:
    memory_free(prefix);
    return status;
}

enum status hdf5_group(struct hdf5 *file, const char *path, struct error *error)
{
    enum status status = hdf5_parents(file, path, error);
    return status == STATUS_OK ? make_group(file, path, error) : status;
}

enum status hdf5_remove(struct hdf5 *file, const char *path, struct error *error)
{
    if (H5Ldelete(file->file, path, H5P_DEFAULT) < 0)
        return hdf5_refused(file, STATUS_IO, error, "cannot remove %s", path);
    return STATUS_OK;
}

bool hdf5_exists(struct hdf5 *file, const char *path)
{
    bool group;

    if (file->guard)
        return hdf5_guard_find(file, path, &group);
    if (strcmp(path, "/") == 0)
        return true;
    /* A missing group on the way is an error to HDF5, and a plain no to us. */
    return H5Lexists(file->file, path, H5P_DEFAULT) > 0 &&
           H5Oexists_by_name(file->file, path, H5P_DEFAULT) > 0;
}

bool hdf5_is_group(struct hdf5 *file, const char *path)
{
    bool found;

    if (file->guard)
        return hdf5_guard_find(file, path, &found) && found;
    if (!hdf5_exists(file, path))
        return false;
    hid_t object = H5Oopen(file->file, path, H5P_DEFAULT);
    bool group = object >= 0 && H5Iget_type(object) == H5I_GROUP;
    hdf5_drop(object);
    return group;
}

struct listing {
    struct arena *arena;
    const char **names;
    size_t count, capacity;
    enum status status;
    struct error *error;
};

static herr_t list_link(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct listing *listing = context;

    (void)group;
    (void)info;
    if (listing->count == listing->capacity)
        return 1; /* not what the group said; nothing of ours */
    listing->status = arena_copy(listing->arena, name, strlen(name),
                                 &listing->names[listing->count], listing->error);
    if (listing->status != STATUS_OK)
        return -1;
    listing->count++;
    return 0;
}

enum status hdf5_list(struct hdf5 *file, const char *path, struct arena *arena, const char ***names,
                      size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    struct listing listing = {.arena = arena, .error = error};
    H5G_info_t info = {.nlinks = 0};

    if (file->guard)
        return hdf5_guard_list(file, path, arena, names, count, error);
    hid_t group = H5Gopen2(file->file, path, H5P_DEFAULT);
    if (group < 0 || H5Gget_info(group, &info) < 0)
        TRY(hdf5_refused(file, STATUS_DATA, error, "no group %s", path));
    listing.capacity = (size_t)info.nlinks;
    TRY(arena_new(arena, &listing.names, listing.capacity, sizeof *listing.names, error));
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, list_link, &listing) < 0) {
        TRY(listing.status);
        TRY(hdf5_refused(file, STATUS_DATA, error, "cannot list group %s", path));
    }
    qsort(listing.names, listing.count, sizeof *listing.names, text_compare);
    *names = listing.names;
    *count = listing.count;
out:
    hdf5_drop(group);
    return status;
}
