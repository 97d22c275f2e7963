/* `understudy bench stages`: the time that conventional stages take. Private to
 * framework/cli/bench/. */
#ifndef UNDERSTUDY_CLI_BENCH_BENCH_STAGES_H
#define UNDERSTUDY_CLI_BENCH_BENCH_STAGES_H

#include "base/memory.h"
#include "io/schema/schema.h"

/* Read "[median: {radius: 1}, …]"; the stages lie in the arena. STATUS_CONFIG where the text has a
 * mistake. */
MUST_CHECK enum status bench_stages_read(const char *list, struct component_list *stages,
                                         struct arena *arena, struct error *error);

/*
 * Run each stage of a list on one image of 321 x 481, on one thread; a line of CSV each to stdout:
 * the shortest of `repeats` runs, in milliseconds of processor time. `folder` gets the image and
 * the answers as float32 values (image.f32, 0.f32, 1.f32 …); NULL: they are not kept.
 */
MUST_CHECK enum status bench_stages(size_t repeats, const char *folder, struct error *error);

#endif
