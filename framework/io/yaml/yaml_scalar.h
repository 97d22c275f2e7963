/*
 * Scalars as YAML 1.1's core schema reads them, with the reason where a text is no number. Private
 * to io/; others use yaml_integer() and its kin.
 */
#ifndef UNDERSTUDY_IO_YAML_YAML_SCALAR_H
#define UNDERSTUDY_IO_YAML_YAML_SCALAR_H

#include "io/yaml/yaml.h"

enum {
    YAML_MAX_NUMBER = 100 /* characters of a number */
};

enum yaml_number {
    YAML_NUMBER_GOOD,
    YAML_NUMBER_NONE,     /* not the text of such a number */
    YAML_NUMBER_LONG,     /* more than YAML_MAX_NUMBER characters */
    YAML_NUMBER_RANGE,    /* int64_t or double cannot hold it */
    YAML_NUMBER_INFINITE, /* .inf and .nan */
    YAML_NUMBER_OCTAL,    /* 010: eight in YAML 1.1, ten in YAML 1.2, so neither here */
};

/* *value is set only when the number is good. */
enum yaml_number yaml_scan_integer(const char *text, int64_t *value);
enum yaml_number yaml_scan_real(const char *text, double *value);

/* Print a scalar so that it reads back as the same text: plain where that is safe, in double
 * quotes with escapes elsewhere. `is_text`: it must not read as a number, boolean or null. */
void yaml_print_scalar(const char *text, bool is_text, struct text *out);

#endif
