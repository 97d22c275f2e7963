#include "launch/launch.h"

#include <math.h>

size_t launch_tasks(size_t trials, double seconds, double minutes)
{
    double tasks = ceil(seconds / (60 * minutes));

    if (!(tasks >= 1))
        return 1;
    return tasks < (double)trials ? (size_t)tasks : trials;
}
