/* Answers that data sets have recorded as masks, maps or numbers, for tasks that are about these.
 */
#ifndef UNDERSTUDY_TASKS_RECORDED_ANSWERS_H
#define UNDERSTUDY_TASKS_RECORDED_ANSWERS_H

#include "interfaces/task.h"

/* Those for `count` images, in the order of `indices`, as the task has them; NaN where there is
 * none. `inputs` are the images. */
MUST_CHECK enum status recorded_answers(struct image_set *to, const struct dataset_answers *answers,
                                        const uint32_t *indices, size_t count,
                                        const struct image_set *inputs, struct answer answer,
                                        struct error *error);

#endif
