#include "io/files/npy.h"

#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";

enum { MAGIC = 6, ALIGNMENT = 64 };

void npy_describe_shape(const size_t *dims, int rank, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");

    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? ", " : "", dims[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
}

void npy_describe(const struct npy *npy, char *text, size_t size)
{
    const char *name = npy->kind == 'f' ? "float" : npy->kind == 'i' ? "int" : "uint";
    char shape[200], bits[8] = "";

    npy_describe_shape(npy->dims, npy->rank, shape, sizeof shape);
    if (npy->kind != 'b')
        snprintf(bits, sizeof bits, "%zu", 8 * npy->size);
    snprintf(text, size, "%s%s %s", npy->kind == 'b' ? "bool" : name, bits, shape);
}

size_t npy_header(const size_t *dims, int rank, char header[NPY_MOST_HEADER])
{
    size_t used = MAGIC + 4;

    used += (size_t)snprintf(header + used, NPY_MOST_HEADER - used,
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < rank; i++)
        used += (size_t)snprintf(header + used, NPY_MOST_HEADER - used, "%zu,%s", dims[i],
                                 i + 1 < rank ? " " : "");
    used += (size_t)snprintf(header + used, NPY_MOST_HEADER - used, "), }");
    while ((used + 1) % ALIGNMENT)
        header[used++] = ' ';
    header[used++] = '\n';
    memcpy(header, magic, MAGIC);
    header[MAGIC] = 1;
    header[MAGIC + 1] = 0;
    header[MAGIC + 2] = (char)((used - MAGIC - 4) & 0xff);
    header[MAGIC + 3] = (char)((used - MAGIC - 4) >> 8);
    return used;
}

enum status npy_header_length(const unsigned char *bytes, size_t count, size_t *length,
                              struct error *error)
{
    struct text found = {0};

    if (count >= NPY_PRELUDE && memcmp(bytes, magic, MAGIC) == 0) {
        if (bytes[MAGIC] == 1)
            *length = 10 + (size_t)bytes[8] + ((size_t)bytes[9] << 8);
        else if (bytes[MAGIC] == 2 || bytes[MAGIC] == 3)
            *length = 12 + (size_t)bytes[8] + ((size_t)bytes[9] << 8) + ((size_t)bytes[10] << 16) +
                      ((size_t)bytes[11] << 24);
        else
            return error_set(error, STATUS_DATA,
                             "an .npy array of version %d; expected version 1, 2 or 3",
                             bytes[MAGIC]);
        if (*length > NPY_PRELUDE && *length <= NPY_MOST_HEADER)
            return STATUS_OK;
        return error_set(error, STATUS_DATA, "an .npy array with a header of %zu bytes", *length);
    }
    text_append_printable(&found, (const char *)bytes, count < 60 ? count : 60);
    enum status status = error_set(error, STATUS_DATA, "not an .npy array: it begins with '%s'",
                                   found.bytes ? found.bytes : "");
    text_release(&found);
    return status;
}

/* ---- the header: a Python dictionary, of which NumPy itself writes one form alone */

struct npy_scan {
    const char *at, *end;
};

static void skip_blanks(struct npy_scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t'))
        scan->at++;
}

static bool take(struct npy_scan *scan, const char *word)
{
    size_t length = strlen(word);

    skip_blanks(scan);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

/* A text in quotes of either kind, without escapes. */
static bool take_text(struct npy_scan *scan, char *text, size_t size)
{
    const char *close;

    skip_blanks(scan);
    if (scan->at == scan->end || (*scan->at != '\'' && *scan->at != '"'))
        return false;
    close = memchr(scan->at + 1, *scan->at, (size_t)(scan->end - scan->at - 1));
    if (!close || (size_t)(close - scan->at - 1) >= size)
        return false;
    memcpy(text, scan->at + 1, (size_t)(close - scan->at - 1));
    text[close - scan->at - 1] = '\0';
    scan->at = close + 1;
    return true;
}

static bool take_number(struct npy_scan *scan, size_t *number)
{
    const char *begin;

    skip_blanks(scan);
    begin = scan->at;
    for (*number = 0; scan->at < scan->end && isdigit((unsigned char)*scan->at); scan->at++) {
        if (*number > (SIZE_MAX - 9) / 10)
            return false;
        *number = *number * 10 + (size_t)(*scan->at - '0');
    }
    (void)take(scan, "L"); /* as Python 2 wrote it */
    return scan->at > begin;
}

static bool take_shape(struct npy_scan *scan, struct npy *npy)
{
    memset(npy->dims, 0, sizeof npy->dims);
    if (!take(scan, "("))
        return false;
    for (npy->rank = 0; !take(scan, ")"); npy->rank++) {
        if (npy->rank == NPY_MOST_RANK || !take_number(scan, &npy->dims[npy->rank]))
            return false;
        if (!take(scan, ",")) {
            npy->rank++;
            return take(scan, ")");
        }
    }
    return true;
}

static bool is_type(const char *text, struct npy *npy)
{
    static const char *const types[] = {"f4", "f8", "i1", "i2", "i4", "i8",
                                        "u1", "u2", "u4", "u8", "b1"};

    if (!text[0] || !strchr("<>|=", text[0]))
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(text + 1, types[i]) == 0) {
            npy->big = text[0] == '>';
            npy->kind = types[i][0];
            npy->size = (size_t)(types[i][1] - '0');
            return true;
        }
    return false;
}

static bool count_values(struct npy *npy)
{
    npy->count = 1;
    for (int i = 0; i < npy->rank; i++) {
        if (npy->dims[i] && npy->count > SIZE_MAX / 8 / npy->dims[i])
            return false;
        npy->count *= npy->dims[i];
    }
    return true;
}

enum status npy_parse(const unsigned char *bytes, size_t length, struct npy *npy,
                      struct error *error)
{
    struct npy_scan scan = {(const char *)bytes + (bytes[MAGIC] == 1 ? 10 : 12),
                            (const char *)bytes + length};
    char key[20], type[20];
    bool good = take(&scan, "{"), typed = false, ordered = false, shaped = false;

    memset(npy, 0, sizeof *npy);
    while (good) {
        if (take(&scan, "}"))
            break;
        good = take_text(&scan, key, sizeof key) && take(&scan, ":");
        if (good && strcmp(key, "descr") == 0) {
            good = typed = take_text(&scan, type, sizeof type);
        } else if (good && strcmp(key, "fortran_order") == 0) {
            npy->fortran = take(&scan, "True");
            good = ordered = npy->fortran || take(&scan, "False");
        } else if (good && strcmp(key, "shape") == 0) {
            good = shaped = take_shape(&scan, npy);
        } else {
            good = false;
        }
        if (good && !take(&scan, ",")) {
            good = take(&scan, "}");
            break;
        }
    }
    if (typed && !is_type(type, npy)) {
        struct text shown = {0};
        text_append_printable(&shown, type, strlen(type));
        enum status status =
            error_set(error, STATUS_DATA,
                      "an .npy array of dtype '%s'; expected float32 or other real numbers",
                      shown.bytes ? shown.bytes : "");
        text_release(&shown);
        return status;
    }
    if (!good || !typed || !ordered || !shaped || !count_values(npy))
        return error_set(error, STATUS_DATA, "an .npy array with a damaged header");
    return STATUS_OK;
}

/* ---- values */

static uint64_t bits_at(const struct npy *npy, const unsigned char *bytes)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < npy->size; i++)
        bits |= (uint64_t)bytes[npy->big ? npy->size - 1 - i : i] << (8 * i);
    return bits;
}

static float value_at(const struct npy *npy, const unsigned char *bytes)
{
    uint64_t bits = bits_at(npy, bytes);
    uint32_t low = (uint32_t)bits;
    float single;
    double real;

    if (npy->kind == 'f' && npy->size == 4) {
        memcpy(&single, &low, sizeof single);
        return single;
    }
    if (npy->kind == 'f') {
        memcpy(&real, &bits, sizeof real);
        return (float)real;
    }
    uint64_t sign = (uint64_t)1 << (8 * npy->size - 1);
    if (npy->kind == 'i' && bits & sign)
        return -(float)(npy->size == 8 ? ~bits + 1 : 2 * sign - bits);
    return (float)bits;
}

void npy_floats(const struct npy *npy, const unsigned char *bytes, float *floats)
{
    size_t strides[NPY_MOST_RANK] = {0}, at[NPY_MOST_RANK] = {0}, place = 0;

    for (int i = 0; i < npy->rank; i++)
        strides[i] = i ? strides[i - 1] * npy->dims[i - 1] : 1;
    for (size_t k = 0; k < npy->count; k++) {
        floats[k] = value_at(npy, bytes + npy->size * (npy->fortran ? place : k));
        for (int i = npy->rank - 1; npy->fortran && i >= 0; i--) {
            place += strides[i];
            if (++at[i] < npy->dims[i])
                break;
            place -= strides[i] * npy->dims[i];
            at[i] = 0;
        }
    }
}
