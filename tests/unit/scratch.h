/* Files that tests write, and what they need beside them. */
#ifndef UNDERSTUDY_TESTS_SCRATCH_H
#define UNDERSTUDY_TESTS_SCRATCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCRATCH_PATH = 1024 };

/* The path of `name` in the tests' own folder; returns `path`. */
static inline const char *scratch_path(char path[SCRATCH_PATH], const char *name)
{
    const char *folder = getenv("UNDERSTUDY_TEST_DIR");
    snprintf(path, SCRATCH_PATH, "%s/%s", folder ? folder : "build/tests/tmp", name);
    return path;
}

/* Runs a Python script that asserts things of the file `argument`. True as well, with a message,
 * where Python has none of the `modules` ("import h5py, pandas"). */
static inline bool scratch_python(const char *modules, const char *script, const char *argument)
{
    char path[SCRATCH_PATH], command[3 * SCRATCH_PATH];

    snprintf(command, sizeof command, "/usr/bin/python3 -c '%s' 2>/dev/null", modules);
    if (system(command) != 0) {
        printf("skipped: Python cannot '%s'\n", modules);
        return true;
    }
    FILE *file = fopen(scratch_path(path, "check.py"), "w");
    if (!file)
        return false;
    fprintf(file, "%s\n%s", modules, script);
    if (fclose(file) != 0)
        return false;
    snprintf(command, sizeof command, "/usr/bin/python3 '%s' '%s'", path, argument);
    return system(command) == 0;
}

#endif
