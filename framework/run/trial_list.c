#include "run/trial_list.h"

#include "base/folder.h"
#include "base/text.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

const char *trial_list_key(const struct trial_list *list, size_t trial, char key[HASH_TEXT])
{
    memcpy(key, list->bytes.data + trial * HASH_TEXT, HASH_TEXT - 1);
    key[HASH_TEXT - 1] = '\0';
    return key;
}

/* "; there are: a, b", where the user may have meant another. */
static enum status no_such_run(const char *results, const char *name, struct error *error)
{
    char path[PATH_ROOM];
    struct text names = {0};
    struct dirent *entry;

    DIR *directory = opendir(path_print(path, "%s/runs", results));
    while (directory && (entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            text_append(&names, "%s%s", names.length ? ", " : "", entry->d_name);
    if (directory)
        closedir(directory);
    enum status status =
        error_set(error, STATUS_CONFIG, "'%s' has not been run in %s%s%s", name, results,
                  names.length ? "; there are: " : "", names.length ? names.bytes : "");
    text_release(&names);
    return status;
}

enum status trial_list_read(struct trial_list *list, const char *results, const char *name,
                            struct error *error)
{
    char path[PATH_ROOM];

    path_print(path, "%s/runs/%s/trials", results, name);
    if (strchr(name, '/'))
        PASS(no_such_run(results, name, error));
    PASS(folder_readable(path, error));
    if (access(path, F_OK) != 0)
        PASS(no_such_run(results, name, error));
    PASS(bytes_read(&list->bytes, path, SIZE_MAX / 2, error));
    list->count = list->bytes.length / HASH_TEXT;
    if (list->bytes.length % HASH_TEXT != 0)
        return error_set(error, STATUS_DATA, "%s is not a list of keys", path);
    return STATUS_OK;
}

void trial_list_release(struct trial_list *list)
{
    bytes_release(&list->bytes);
}
