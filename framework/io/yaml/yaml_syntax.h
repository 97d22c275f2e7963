/* libyaml's complaints in words for people. Private to io/yaml/. */
#ifndef UNDERSTUDY_IO_YAML_YAML_SYNTAX_H
#define UNDERSTUDY_IO_YAML_YAML_SYNTAX_H

#include "io/yaml/yaml.h"

struct yaml_parser_s;

struct yaml_point {
    size_t index, line, column; /* characters, from 0 */
};

/* What was read on the way to a fault: libyaml often notices one some lines behind it. */
struct yaml_way {
    bool plain, quoted;           /* there was a single value, without quotes or with */
    struct yaml_point start, end; /* of the last of them */
    bool flow;                    /* in brackets */
    struct yaml_point open;       /* the outermost of them */
};

/* Note the fault that the parser stopped at, where it was given its text as one string. */
MUST_CHECK enum status yaml_syntax_mistake(const struct yaml_parser_s *parser,
                                           const struct yaml_way *way, const char *file,
                                           struct diagnostics *found, struct error *error);

/* Of `text`, the place of the character at `index`; `length` past the end. */
size_t yaml_offset(const char *text, size_t length, size_t index);
/* The first line of a value that goes over several, `point` being its start: where that line ends.
 */
struct yaml_point yaml_line_end(const char *text, size_t length, struct yaml_point point);
/* The end of the last line with something in it, from that of `open` to the one before `last`. */
struct yaml_point yaml_content_before(const char *text, size_t length, struct yaml_point open,
                                      size_t last);
/* Does a line of the value behind its first, where `text` begins, look like an item of a list? */
bool yaml_item_within(const char *text, size_t length, const struct yaml_way *way,
                      struct yaml_point *item);
/* Was a bracket that opened at `open` left open, as far as indentation tells? *end is then the end
 * of the last line within it: the next, before or in line `last`, stands no further in than the
 * line in which it opened. */
bool yaml_left_open(const char *text, size_t length, struct yaml_point open, size_t last,
                    struct yaml_point *end);

#endif
