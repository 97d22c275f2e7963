/*
 * The check of a file that came from elsewhere. It reads every header and no values.
 *
 * Each object must have one name alone, found by its address: then a walk takes as many steps as
 * there are objects, each of which takes room in the file, and no group can hold itself. Bytes are
 * counted as they are stored, which cannot be more than the file has unless arrays share them, and
 * as they will be once unpacked.
 */
#include "io/hdf5/hdf5_check.h"

#include "io/hdf5/hdf5_private.h"

#include <string.h>

enum { LONGEST_NAME = 255, LONGEST_PATH = 1023, MOST_ATTRIBUTES = 64, LONGEST_ATTRIBUTE = 1 << 20 };
static const uint64_t FREE_BYTES = 512U << 20, FREE_ARRAY = 256U << 20, RATIO = 50;

struct hdf5_check {
    struct hdf5 *file;
    uint64_t size, stored, unpacked; /* of the file; of all arrays and attributes so far */
    haddr_t *seen;                   /* addresses: open addressing, 0 an empty slot */
    size_t slots, count;
    char path[LONGEST_PATH + 1];
    int depth;
    struct text *contents;
    enum status status;
    struct error *error;
};

static enum status wrong(struct hdf5_check *check, const char *what)
{
    return hdf5_refused(check->file, STATUS_DATA, check->error, "%s %s", check->path, what);
}

/* Remember `address`; *known: it was there. */
static enum status see(struct hdf5_check *check, haddr_t address, bool *known)
{
    struct hdf5_check larger = {.slots = check->slots ? 2 * check->slots : 1024,
                                .error = check->error};

    if (2 * check->count >= check->slots) {
        PASS(memory_new(&larger.seen, larger.slots, sizeof *larger.seen, check->error));
        for (size_t i = 0; i < check->slots; i++)
            if (check->seen[i])
                PASS(see(&larger, check->seen[i], known));
        memory_free(check->seen);
        check->seen = larger.seen;
        check->slots = larger.slots;
    }
    size_t at = (size_t)((address * 11400714819323198485U) >> 20) % check->slots;
    while (check->seen[at] && check->seen[at] != address)
        at = (at + 1) % check->slots;
    *known = check->seen[at] == address;
    check->count += !*known;
    check->seen[at] = address;
    return STATUS_OK;
}

/* Count an object's bytes. */
static enum status weigh(struct hdf5_check *check, uint64_t stored, uint64_t unpacked,
                         uint64_t most)
{
    uint64_t room = RATIO * check->size;

    if (unpacked > most + room || (check->unpacked += unpacked) > FREE_BYTES + room)
        return hdf5_refused(check->file, STATUS_DATA, check->error,
                            "%s claims %llu bytes, which is not plausible in a file of %llu",
                            check->path, (unsigned long long)unpacked,
                            (unsigned long long)check->size);
    if (stored > check->size || (check->stored += stored) > check->size)
        return wrong(check, "overlaps other data or lies beyond the end of the file");
    return STATUS_OK;
}

/* Numbers and text, as the library names their kinds; *variable: texts of any length. */
static enum status check_type(struct hdf5_check *check, hid_t type, bool *variable)
{
    H5T_class_t class = H5Tget_class(type);

    *variable = class == H5T_STRING && H5Tis_variable_str(type) > 0;
    if (class != H5T_INTEGER && class != H5T_FLOAT && class != H5T_STRING)
        return wrong(check, "is neither numbers nor text");
    if (H5Tcommitted(type) != 0)
        return wrong(check, "has a named type, which results files do not have");
    if (class != H5T_STRING && H5Tget_size(type) > sizeof(double))
        return wrong(check, "holds numbers of more than 8 bytes");
    return STATUS_OK;
}

static bool is_continued(const unsigned char *at, int count)
{
    for (int i = 1; i <= count; i++)
        if ((at[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/* Bytes of the UTF-8 character; 0: none, or one that controls terminals. */
static size_t character(const unsigned char *at)
{
    if (at[0] < 0x80)
        return at[0] >= ' ' && at[0] != 0x7F;
    if (at[0] >= 0xC2 && at[0] < 0xE0 && is_continued(at, 1))
        return at[0] == 0xC2 && at[1] < 0xA0 ? 0 : 2;
    if (at[0] >= 0xE0 && at[0] < 0xF0 && is_continued(at, 2))
        return (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] >= 0xA0) ? 0 : 3;
    if (at[0] >= 0xF0 && at[0] < 0xF5 && is_continued(at, 3))
        return (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] >= 0x90) ? 0 : 4;
    return 0;
}

static bool is_name(const char *name)
{
    const unsigned char *at = (const unsigned char *)name;

    for (size_t step; *at; at += step) {
        step = *at == '/' ? 0 : character(at);
        if (step == 0)
            return false;
    }
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strlen(name) <= LONGEST_NAME;
}

static enum status check_attribute_value(struct hdf5_check *check, hid_t attribute, hsize_t bytes)
{
    enum status status = STATUS_OK;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool variable;

    if (type < 0 || space < 0)
        TRY(wrong(check, "cannot be read"));
    if (H5Sget_simple_extent_type(space) != H5S_SCALAR || H5Tget_class(type) == H5T_FLOAT)
        TRY(wrong(check, "is neither one text nor one whole number"));
    TRY(check_type(check, type, &variable));
    if (bytes > LONGEST_ATTRIBUTE)
        TRY(wrong(check, "is too long for an attribute"));
    TRY(weigh(check, variable ? 0 : bytes, bytes, FREE_ARRAY));
out:
    hdf5_drop(space);
    hdf5_drop(type);
    return status;
}

/* An H5A_operator2_t. The path of messages is OBJECT@NAME meanwhile. */
static herr_t check_attribute(hid_t owner, const char *name, const H5A_info_t *info, void *context)
{
    struct hdf5_check *check = context;
    size_t length = strlen(check->path);
    hid_t attribute = -1;

    if (!is_name(name)) {
        check->status = wrong(check, "has an attribute whose name is not text");
        return -1;
    }
    snprintf(check->path + length, sizeof check->path - length, "@%s", name);
    attribute = H5Aopen(owner, name, H5P_DEFAULT);
    check->status = attribute < 0 ? wrong(check, "cannot be read")
                                  : check_attribute_value(check, attribute, info->data_size);
    hdf5_drop(attribute);
    check->path[length] = '\0';
    return check->status == STATUS_OK ? 0 : -1;
}

static enum status check_attributes(struct hdf5_check *check, hid_t object)
{
    H5O_info_t info;

    if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0)
        return wrong(check, "cannot be read");
    if (info.num_attrs == 0)
        return STATUS_OK;
    if (info.num_attrs > MOST_ATTRIBUTES)
        return wrong(check, "has too many attributes");
    if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, check_attribute, check) < 0)
        return check->status == STATUS_OK ? wrong(check, "has attributes that cannot be read")
                                          : check->status;
    return STATUS_OK;
}

/* *bytes: of all blocks, unpacked. */
static enum status check_chunks(struct hdf5_check *check, hid_t set, hid_t space, hid_t plan,
                                size_t value, uint64_t *bytes)
{
    hsize_t dims[H5S_MAX_RANK], chunk[H5S_MAX_RANK], wanted = 1, there = 0;
    int rank = H5Sget_simple_extent_dims(space, dims, NULL), filters = H5Pget_nfilters(plan);
    size_t size = value, blocks;

    if (rank < 1 || H5Pget_chunk(plan, rank, chunk) != rank || filters < 0 ||
        H5Dget_num_chunks(set, space, &there) < 0)
        return wrong(check, "cannot be read");
    for (int i = 0; i < filters; i++) {
        unsigned flags, settings;
        size_t none = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(plan, (unsigned)i, &flags, &none, NULL, 0, NULL, &settings);
        if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE)
            return wrong(check, "is compressed in a way that results files do not use");
    }
    for (int axis = 0; axis < rank; axis++)
        if (chunk[axis] == 0 || !memory_multiply(size, (size_t)chunk[axis], &size) ||
            !memory_multiply((size_t)wanted,
                             (size_t)(dims[axis] / chunk[axis] + (dims[axis] % chunk[axis] > 0)),
                             &blocks))
            return wrong(check, "is too large");
        else
            wanted = blocks;
    if (there != wanted)
        return wrong(check, "has values that were never written");
    if (!memory_multiply(size, (size_t)wanted, &size))
        return wrong(check, "is too large");
    *bytes = size;
    return STATUS_OK;
}

/* Where the values lie. Those of most arrays are in one piece, which costs no look at the plan. */
static enum status check_layout(struct hdf5_check *check, hid_t set, hid_t space, size_t value,
                                uint64_t *bytes)
{
    enum status status = STATUS_OK;
    hid_t plan = -1;
    haddr_t address = H5Dget_offset(set);

    if (*bytes == 0)
        return STATUS_OK;
    if (address != HADDR_UNDEF) {
        if (address > check->size || *bytes > check->size - address)
            TRY(wrong(check, "lies beyond the end of the file"));
        return STATUS_OK;
    }
    plan = H5Dget_create_plist(set);
    H5D_layout_t layout = plan < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(plan);
    if (layout == H5D_CHUNKED)
        TRY(check_chunks(check, set, space, plan, value, bytes));
    else if (layout == H5D_VIRTUAL)
        TRY(wrong(check, "is a virtual dataset"));
    else if (layout == H5D_CONTIGUOUS && H5Pget_external_count(plan) != 0)
        TRY(wrong(check, "has its values in other files (external storage)"));
    else if (layout == H5D_CONTIGUOUS)
        TRY(wrong(check, "has values that were never written"));
    else if (layout != H5D_COMPACT)
        TRY(wrong(check, "cannot be read"));
out:
    hdf5_drop(plan);
    return status;
}

/* Bytes of all values. HDF5's own count of them overflows without a word. */
static enum status count_bytes(struct hdf5_check *check, hid_t space, size_t value, size_t *bytes)
{
    hsize_t dims[HDF5_MAX_RANK];
    int rank = H5Sget_simple_extent_ndims(space);

    if (rank < 0 || rank > HDF5_MAX_RANK || H5Sget_simple_extent_type(space) == H5S_NULL)
        return wrong(check, "has no values, or more than 4 axes");
    if (H5Sget_simple_extent_dims(space, dims, NULL) != rank)
        return wrong(check, "cannot be read");
    *bytes = value;
    for (int axis = 0; axis < rank; axis++)
        if (!memory_multiply(*bytes, (size_t)dims[axis], bytes))
            return wrong(check, "is too large");
    return STATUS_OK;
}

static enum status check_array(struct hdf5_check *check, hid_t set)
{
    enum status status = STATUS_OK;
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    hsize_t loose = 0;
    size_t size = H5Tget_size(type), bytes = 0;
    bool variable;

    if (type < 0 || space < 0 || size == 0)
        TRY(wrong(check, "cannot be read"));
    TRY(check_type(check, type, &variable));
    TRY(count_bytes(check, space, size, &bytes));
    uint64_t unpacked = bytes;
    TRY(check_layout(check, set, space, size, &unpacked));
    TRY(weigh(check, H5Dget_storage_size(set), unpacked, FREE_ARRAY));
    /* HDF5 1.10 crashes when it is asked this of a scalar, whose one text the file holds whole. */
    if (variable && bytes && H5Sget_simple_extent_type(space) == H5S_SIMPLE &&
        H5Dvlen_get_buf_size(set, type, space, &loose) < 0)
        TRY(wrong(check, "cannot be read"));
    TRY(weigh(check, 0, loose, FREE_ARRAY));
out:
    hdf5_drop(space);
    hdf5_drop(type);
    return status;
}

static herr_t check_link(hid_t group, const char *name, const H5L_info_t *info, void *context);

static enum status check_members(struct hdf5_check *check, hid_t group)
{
    if (check->depth == HDF5_DEEPEST)
        return wrong(check, "is nested in too many groups");
    check->depth++;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, check_link, check) < 0 &&
        check->status == STATUS_OK)
        return wrong(check, "cannot be listed");
    check->depth--;
    return check->status;
}

static enum status check_object(struct hdf5_check *check, hid_t object)
{
    H5I_type_t kind = H5Iget_type(object);

    if (object < 0)
        PASS(wrong(check, "cannot be read"));
    if (kind != H5I_GROUP && kind != H5I_DATASET)
        PASS(wrong(check, "is neither a group nor an array"));
    text_append_bytes(check->contents, kind == H5I_GROUP ? "g" : "a", 1);
    text_append_bytes(check->contents, check->path, strlen(check->path) + 1);
    PASS(text_status(check->contents, check->error));
    PASS(check_attributes(check, object));
    return kind == H5I_GROUP ? check_members(check, object) : check_array(check, object);
}

static enum status check_kind(struct hdf5_check *check, const H5L_info_t *link)
{
    bool known;

    if (link->type == H5L_TYPE_EXTERNAL)
        PASS(wrong(check, "is a link to another file"));
    if (link->type == H5L_TYPE_SOFT)
        PASS(wrong(check, "is a soft link, which results files do not have"));
    if (link->type != H5L_TYPE_HARD)
        PASS(wrong(check, "is a link of an unknown kind"));
    if (link->u.address == 0 || link->u.address >= check->size)
        PASS(wrong(check, "lies beyond the end of the file"));
    PASS(see(check, link->u.address, &known));
    if (known)
        PASS(wrong(check, "is a second name for an object or for a group that contains it"));
    return STATUS_OK;
}

/* An H5L_iterate_t. */
static herr_t check_link(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct hdf5_check *check = context;
    size_t length = strlen(check->path), above = length > 1 ? length : 0;
    hid_t object = -1;

    if (!is_name(name) || above + 1 + strlen(name) > LONGEST_PATH) {
        check->status =
            wrong(check, "has a member whose name is not text, is too long or is not part of a "
                         "path");
        return -1;
    }
    snprintf(check->path + above, sizeof check->path - above, "/%s", name);
    check->status = check_kind(check, info);
    if (check->status == STATUS_OK) {
        object = H5Oopen(group, name, H5P_DEFAULT);
        check->status = check_object(check, object);
    }
    hdf5_drop(object);
    check->path[length] = '\0';
    return check->status == STATUS_OK ? 0 : -1;
}

enum status hdf5_check(struct hdf5 *file, uint64_t size, struct text *contents, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_check check = {.file = file,
                               .size = size,
                               .path = "/",
                               .contents = contents,
                               .status = STATUS_OK,
                               .error = error};
    hid_t root = H5Oopen(file->file, "/", H5P_DEFAULT);
    H5O_info_t info;
    bool known;

    if (root < 0 || H5Oget_info2(root, &info, H5O_INFO_BASIC) < 0)
        TRY(wrong(&check, "cannot be read"));
    TRY(see(&check, info.addr, &known));
    TRY(check_object(&check, root));
out:
    hdf5_drop(root);
    memory_free(check.seen);
    return status;
}
