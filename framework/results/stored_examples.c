#include "results/stored_examples.h"

#include "io/hdf5/hdf5.h"
#include "results/results.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { PATH_LENGTH = 64 };

/* Where the trial's images are, or another's; "" where there are none. */
static enum status find_images(struct hdf5 *file, size_t trial, struct arena *arena,
                               char path[PATH_LENGTH], struct error *error)
{
    const char **trials;
    size_t count = 0;

    snprintf(path, PATH_LENGTH, "/examples/%05zu/degraded", trial);
    if (hdf5_exists(file, path))
        return STATUS_OK;
    path[0] = '\0';
    if (hdf5_is_group(file, "/examples"))
        PASS(hdf5_list(file, "/examples", arena, &trials, &count, error));
    for (size_t i = 0; i < count; i++) {
        snprintf(path, PATH_LENGTH, "/examples/%.20s/degraded", trials[i]);
        if (hdf5_exists(file, path))
            return STATUS_OK;
        path[0] = '\0';
    }
    return STATUS_OK;
}

/* The shape of an array's last three axes. STATUS_DATA where these are not an image's. */
static enum status read_shape(const struct hdf5_array *array, int rank, const char *path,
                              struct shape *shape, struct error *error)
{
    int sides[3] = {0};
    double size = 1;

    for (int axis = 0; array->rank == rank && axis < 3; axis++) {
        size_t side = array->dims[rank - 3 + axis];
        sides[axis] = side <= INT_MAX ? (int)side : 0;
        size *= sides[axis];
    }
    if (array->type != HDF5_FLOAT32 || array->rank != rank || size < 1 || size > INT_MAX)
        return error_set(error, STATUS_DATA, "%s does not hold images", path);
    *shape = (struct shape){sides[0], sides[1], sides[2]};
    return STATUS_OK;
}

/* All in one array. */
static enum status read_alike(struct hdf5 *file, const char *path, size_t most, struct arena *arena,
                              struct image_set *inputs, struct error *error)
{
    struct hdf5_array array = {0};
    struct shape shape;

    PASS(hdf5_read(file, path, arena, &array, error));
    PASS(read_shape(&array, 4, path, &shape, error));
    size_t count = array.dims[0] < most ? array.dims[0] : most;
    PASS(image_set_new_uniform(inputs, count, shape, error));
    if (count)
        memcpy(inputs->pixels, array.values, count * shape_size(shape) * sizeof(float));
    return STATUS_OK;
}

/* Each in an array of its own, by its size. */
static enum status read_each(struct hdf5 *file, const char *path, size_t most, struct arena *arena,
                             struct image_set *inputs, struct error *error)
{
    const char **names;
    struct hdf5_array *arrays;
    struct shape *shapes;
    char own[2 * PATH_LENGTH];
    size_t count;

    PASS(hdf5_list(file, path, arena, &names, &count, error));
    count = count < most ? count : most;
    PASS(arena_new(arena, &arrays, count, sizeof *arrays, error));
    PASS(arena_new(arena, &shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++) {
        snprintf(own, sizeof own, "%s/%.20s", path, names[i]);
        PASS(hdf5_read(file, own, arena, &arrays[i], error));
        PASS(read_shape(&arrays[i], 3, own, &shapes[i], error));
    }
    PASS(image_set_new(inputs, count, shapes, error));
    for (size_t i = 0; i < count; i++)
        memcpy(image_set_at(inputs, i).pixels, arrays[i].values,
               shape_size(shapes[i]) * sizeof(float));
    return STATUS_OK;
}

enum status stored_examples_read(const char *path, size_t trial, size_t most,
                                 struct image_set *inputs, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct arena arena = {0};
    char images[PATH_LENGTH];

    memset(inputs, 0, sizeof *inputs);
    TRY(results_file_open(&file, path, error));
    TRY(find_images(&file, trial, &arena, images, error));
    if (images[0])
        TRY((hdf5_is_group(&file, images) ? read_each : read_alike)(&file, images, most, &arena,
                                                                    inputs, error));
out:
    if (status != STATUS_OK)
        image_set_release(inputs);
    arena_release(&arena);
    hdf5_abandon(&file);
    return status;
}
