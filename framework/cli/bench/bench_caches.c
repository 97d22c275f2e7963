/* The sizes of this machine's data caches, as Linux tells them. */
#include "cli/bench/bench_host.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 256, MOST_INDICES = 16 };

/* The first line of FOLDER/indexN/NAME; false where there is none. */
static bool read_line(const char *folder, int index, const char *name, char line[LINE])
{
    char path[4096];

    snprintf(path, sizeof path, "%.3900s/index%d/%s", folder, index, name);
    FILE *file = fopen(path, "r");
    bool read = file && fgets(line, LINE, file);
    if (file)
        fclose(file);
    if (read)
        line[strcspn(line, "\n")] = '\0';
    return read;
}

/* "48K", "32M" in bytes. */
static double read_size(const char *text)
{
    char *unit;
    double size = strtod(text, &unit);

    return size * (*unit == 'K' ? 1 << 10 : *unit == 'M' ? 1 << 20 : 1);
}

/* How many processors "0-3,8" lists. */
static int count_processors(const char *list)
{
    int count = 0;

    while (*list) {
        char *end;
        long first = strtol(list, &end, 10), last = first;
        if (end == list)
            break;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        count += last >= first ? (int)(last - first + 1) : 0;
        list = end + (*end == ',');
    }
    return count > 0 ? count : 1;
}

static int by_level(const void *a, const void *b)
{
    const struct bench_cache *first = a, *second = b;
    return first->level - second->level;
}

size_t bench_caches(const char *folder, int threads, struct bench_cache caches[BENCH_MOST_CACHES])
{
    char level[LINE], type[LINE], size[LINE], shared[LINE];
    size_t count = 0;

    for (int i = 0; i < MOST_INDICES && count < BENCH_MOST_CACHES; i++) {
        if (!read_line(folder, i, "level", level) || !read_line(folder, i, "type", type) ||
            !read_line(folder, i, "size", size) || strcmp(type, "Instruction") == 0)
            continue;
        int sharers =
            read_line(folder, i, "shared_cpu_list", shared) ? count_processors(shared) : 1;
        int instances = (threads + sharers - 1) / sharers;
        struct bench_cache cache = {read_size(size) * instances, atoi(level)};
        if (cache.bytes > 0)
            caches[count++] = cache;
    }
    if (count)
        qsort(caches, count, sizeof *caches, by_level);
    return count;
}
