/*
 * Templates of what a batch system is told, and patterns of what it prints.
 *
 * A template is a line with placeholders: "qsub -terse -hold_jid {jobs:,} {script}". A value is put
 * in as one word of a shell. A list's items have what follows the colon between them, one blank
 * where nothing does. "{{" and "}}" are braces; "${…}" is the shell's and stays.
 *
 * A pattern is a line with placeholders, as "{job}_{index}|{state}|{reason}", that a whole line
 * must be like. A blank stands for any number of them, '*' for anything without blanks, "..." for
 * anything; each placeholder takes as little as it can.
 */
#ifndef UNDERSTUDY_LAUNCH_TEMPLATE_H
#define UNDERSTUDY_LAUNCH_TEMPLATE_H

#include "io/yaml/yaml.h"

struct template_value {
    const char *name;
    const char *text;             /* one value … */
    const struct text_list *list; /* … or several, where `text` is NULL */
    bool raw;                     /* words of a shell already */
};

/* Append the template with its values; a template that template_check() found no mistake in. */
void template_expand(const char *template, const struct template_value *values, size_t count,
                     struct text *text);

/* Placeholders that are none of `known`, and braces that are not closed, are mistakes at `mark`.
 * Of patterns, too. */
MUST_CHECK enum status template_check(const char *template, const struct text_list *known,
                                      struct yaml_mark mark, const char *path,
                                      struct diagnostics *found, struct error *error);
/* Does the template have this placeholder? */
bool template_has(const char *template, const char *name);

/* What a pattern's placeholders are. */
enum pattern_part {
    PATTERN_NUMBER, /* {number}: a job's, digits alone */
    PATTERN_JOB,    /* {job}: a job's, a word */
    PATTERN_INDEX,  /* {index}: digits */
    PATTERN_STATE,  /* {state} */
    PATTERN_REASON, /* {reason}: may be empty */
    PATTERN_PARTS
};
extern const struct text_list pattern_parts; /* their names */

struct pattern_match {
    struct {
        const char *start; /* NULL: the pattern has none such */
        size_t length;
    } parts[PATTERN_PARTS];
};

/* Is the line, of `length` bytes, like one of the patterns? The first that it is like fills
 * `match`. Lines of more than 1000 bytes are like none. */
bool pattern_match(const struct text_list *patterns, const char *line, size_t length,
                   struct pattern_match *match);

#endif
