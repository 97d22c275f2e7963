#include "base/resident.h"

#include <math.h>
#include <stdio.h>

struct resident resident_memory(void)
{
    struct resident resident = {NAN, NAN};
    char line[256];
    double kib;
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "VmRSS: %lf kB", &kib) == 1)
            resident.now = kib / 1024;
        else if (sscanf(line, "VmHWM: %lf kB", &kib) == 1)
            resident.peak = kib / 1024;
    }
    if (file)
        fclose(file);
    return resident;
}

void resident_restart(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");

    if (!file)
        return;
    fputs("5\n", file); /* proc(5): reset the peak resident set size */
    fclose(file);
}
