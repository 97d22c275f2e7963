/* Workers on this machine: nothing is submitted. */
#include "interfaces/launcher.h"

const struct launcher launcher_local = {
    .descriptor = {.name = "local", .summary = "workers on this machine", .version = 1},
};
