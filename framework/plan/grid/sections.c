/* Which sections of an experiment file the grid can vary. */
#include "plan/steps.h"

#include <string.h>

/* Sections that the whole experiment shares. */
static const char *const shared[] = {"about",   "also", "constraint", "exclude",  "experiment",
                                     "figures", "grid", "guard",      "hardware", "include",
                                     "labels",  "only", "search",     "select",   "replicates",
                                     "store",   "task", "zip",        NULL};
/* … and what says which trials there are: no values of theirs. */
static const char *const grid_sections[] = {"also",   "constraint", "exclude", "grid", "include",
                                            "labels", "only",       "search",  "zip",  NULL};

static bool begins_with(const char *path, const char *const *sections)
{
    size_t length = strcspn(path, ".[");

    for (; *sections; sections++)
        if (strlen(*sections) == length && memcmp(*sections, path, length) == 0)
            return true;
    return false;
}

bool grid_is_shared(const char *path)
{
    return begins_with(path, shared);
}

bool grid_is_section(const char *path)
{
    return begins_with(path, grid_sections);
}
