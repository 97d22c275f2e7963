#include "report/charts/axis_unit.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *unit, *wanted;
    double factor;
} units[] = {
    {"s", "ns", 1e9},
    {"s", "µs", 1e6},
    {"s", "us", 1e6},
    {"s", "ms", 1e3},
    {"s", "s", 1},
    {"s", "min", 1 / 60.0},
    {"s", "h", 1 / 3600.0},
    {"min", "s", 60},
    {"min", "min", 1},
    {"min", "h", 1 / 60.0},
    {"J", "pJ", 1e12},
    {"J", "nJ", 1e9},
    {"J", "µJ", 1e6},
    {"J", "uJ", 1e6},
    {"J", "mJ", 1e3},
    {"J", "J", 1},
    {"J", "kJ", 1e-3},
    {"J", "Wh", 1 / 3600.0},
    {"B", "B", 1},
    {"B", "kB", 1e-3},
    {"B", "MB", 1e-6},
    {"B", "GB", 1e-9},
    {"B", "KiB", 1 / 1024.0},
    {"B", "MiB", 1 / 1048576.0},
    {"B", "GiB", 1 / 1073741824.0},
    {"share", "%", 100},
    {"share", "1", 1},
    {"count", "1", 1},
    {"count", "k", 1e-3},
    {"count", "M", 1e-6},
    {"count", "G", 1e-9},
};

bool axis_unit_factor(const char *unit, const char *wanted, double *factor)
{
    bool known = false;

    *factor = 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        known |= strcmp(units[i].unit, unit) == 0;
        if (strcmp(units[i].unit, unit) == 0 && strcmp(units[i].wanted, wanted) == 0) {
            *factor = units[i].factor;
            return true;
        }
    }
    return !known;
}
