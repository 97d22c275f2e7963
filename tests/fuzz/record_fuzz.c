/*
 * Cache records. The first byte says how the rest is taken: as a record's file as it lies there,
 * or as what stands behind a head that is right, so that the block of values and small arrays is
 * reached in spite of the check sum. What is read must be written and read again as the same.
 */
#include "cache/record.h"

#include "io/hdf5/hdf5_values.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 512, NUMBERS = 6 };

static const char key[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static bool same_value(const struct record_value *a, const struct record_value *b)
{
    return a->type == b->type && strcmp(a->name, b->name) == 0 && strcmp(a->text, b->text) == 0 &&
           a->integer == b->integer && memcmp(&a->real, &b->real, sizeof a->real) == 0;
}

static bool same_array(const struct record_array *a, const struct record_array *b)
{
    size_t bytes = hdf5_value_size(&a->array);

    for (int axis = 0; axis < a->array.rank; axis++)
        bytes *= a->array.dims[axis];
    return strcmp(a->path, b->path) == 0 && a->array.type == b->array.type &&
           a->array.rank == b->array.rank &&
           (bytes == 0 || memcmp(a->array.values, b->array.values, bytes) == 0);
}

/* Written anew, it reads as the same. */
static void write_again(const struct record *record)
{
    struct record again = {0};
    struct bytes image = {0};
    struct hdf5 file = {0};
    struct error error;

    expect(record_image(record, key, &image, &error) == STATUS_OK);
    expect(record_open(bytes_span(&image, "again"), key, &again, &file, &error) == STATUS_OK);
    expect(record_arrays(&file, &again, &error) == STATUS_OK);
    expect(again.value_count == record->value_count && again.array_count == record->array_count);
    for (size_t i = 0; i < again.value_count; i++)
        expect(same_value(&again.values[i], &record->values[i]));
    for (size_t i = 0; i < again.array_count; i++)
        expect(same_array(&again.arrays[i], &record->arrays[i]));
    hdf5_abandon(&file);
    record_release(&again);
    bytes_release(&image);
}

static void read_record(struct span image)
{
    struct record record = {0}, merged = {0};
    struct hdf5 file = {0};
    struct error error;
    bool read = record_open(image, key, &record, &file, &error) == STATUS_OK &&
                record_arrays(&file, &record, &error) == STATUS_OK;

    hdf5_abandon(&file);
    if (read) {
        expect(record_merge(&merged, &record, &error) == STATUS_OK);
        write_again(&record);
    }
    record_release(&merged);
    record_release(&record);
}

/* Put a right head in front of the body: where its parts lie is up to the first bytes. */
static void seal(const uint8_t *data, size_t size)
{
    char digest[HASH_TEXT], lines[100];
    struct hash hash = {0};
    unsigned char *image = calloc(1, HEAD + size);
    size_t numbers[3];

    expect(image != NULL);
    for (size_t i = 0; i < 3; i++)
        numbers[i] = (size_t)(data[2 * i] | data[2 * i + 1] << 8);
    memcpy(image + HEAD, data + NUMBERS, size - NUMBERS);
    size_t length = size - NUMBERS;
    snprintf(lines, sizeof lines, "values %zu %zu\narrays %zu 0\n", numbers[0], numbers[1],
             numbers[2]);
    expect(hash_begin(&hash, NULL) == STATUS_OK);
    expect(hash_bytes(&hash, image + HEAD, length, NULL) == STATUS_OK);
    expect(hash_bytes(&hash, lines, strlen(lines), NULL) == STATUS_OK);
    expect(hash_end(&hash, digest, NULL) == STATUS_OK);
    hash_release(&hash);
    snprintf((char *)image, HEAD, "understudy entry 5\nkey %s\nsha256 %s\n%s", key, digest, lines);
    struct span span = {image, HEAD + length, "sealed"};
    expect(record_check(span, key, digest, NULL) == STATUS_OK);
    read_record(span);
    free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 's' && size > NUMBERS)
        seal(data + 1, size - 1);
    else
        read_record((struct span){data + 1, size - 1, "record"});
    return 0;
}
