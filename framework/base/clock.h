/* Time that has passed, for progress and /timing; never for results. */
#ifndef UNDERSTUDY_BASE_CLOCK_H
#define UNDERSTUDY_BASE_CLOCK_H

/* Seconds since some moment in the past; never goes backwards. */
double clock_seconds(void);

/* Seconds that this thread has run for. */
double clock_thread_seconds(void);

#endif
