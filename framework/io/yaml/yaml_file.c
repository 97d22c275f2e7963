#include "io/yaml/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Read at most one byte more than is allowed. */
static enum status read_stream(FILE *stream, char **bytes, size_t *length, bool *readable,
                               struct error *error)
{
    size_t capacity = 0, got;

    do {
        PASS(memory_reserve(bytes, &capacity, *length + 4096, 1, error));
        got = fread(*bytes + *length, 1, capacity - *length, stream);
        *length += got;
    } while (got && *length <= YAML_MAX_BYTES);
    *readable = !ferror(stream);
    return STATUS_OK;
}

/* *length is the file's, *bytes owned by the caller; *good false after a mistake. */
static enum status read_file(const char *path, char **bytes, size_t *length, bool *good,
                             struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct yaml_mark mark = {path, 0, 0};
    struct stat about;
    bool readable = false;
    FILE *stream = NULL;

    *good = false;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        TRY(diagnostics_add(found, mark, "", error, "this is a directory; expected a YAML file"));
        goto out;
    }
    stream = fopen(path, "rb");
    if (stream)
        TRY(read_stream(stream, bytes, length, &readable, error));
    if (!readable) {
        TRY(diagnostics_add(found, mark, "", error, "cannot read the file: %s", strerror(errno)));
        goto out;
    }
    *good = true;
out:
    if (stream)
        fclose(stream);
    return status;
}

/* Nothing but blank lines, comments and the marks of a document? */
static bool is_blank(const char *bytes, size_t length)
{
    bool comment = false;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            comment = false;
        else if (bytes[i] == '#')
            comment = true;
        else if (!comment && bytes[i] != ' ' && bytes[i] != '\t')
            return false;
    }
    return true;
}

enum status yaml_parse_file(struct arena *arena, const char *path, struct yaml_node **root,
                            const char **bytes, struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    char *text = NULL;
    size_t length = 0;
    bool good;

    *root = NULL;
    if (bytes)
        *bytes = NULL;
    TRY(read_file(path, &text, &length, &good, found, error));
    if (!good)
        goto out;
    if (is_blank(text, length)) {
        TRY(diagnostics_add(found, (struct yaml_mark){path, 1, 1}, "", error,
                            "the file is empty; expected a mapping, as 'key: value'"));
        goto out;
    }
    TRY(yaml_parse(arena, path, text, length, root, found, error));
    if (bytes && length <= YAML_MAX_BYTES)
        TRY(arena_copy(arena, text, length, bytes, error));
out:
    memory_free(text);
    return status;
}
