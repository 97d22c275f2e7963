/* How much of this process lies in memory, for measurements; never for results. Linux tells; where
 * /proc does not, values are NaN. */
#ifndef UNDERSTUDY_BASE_RESIDENT_H
#define UNDERSTUDY_BASE_RESIDENT_H

struct resident { /* MiB */
    double now, peak;
};

struct resident resident_memory(void);
/* Let the peak count from now on; without effect where the system does not allow that. */
void resident_restart(void);

#endif
