/* Where lines of YAML begin and end, for faults that are noticed some lines behind them. */
#include "io/yaml/yaml_syntax.h"

#include <string.h>

/* One line, without what ends it. */
struct yaml_line {
    const char *text;
    size_t length, indent; /* bytes; leading spaces */
};

size_t yaml_offset(const char *text, size_t length, size_t index)
{
    size_t at = 0;

    for (; index > 0 && at < length; index--) {
        at++;
        while (at < length && (text[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

static struct yaml_line line_at(const char *text, size_t length, size_t at)
{
    struct yaml_line line = {.text = text + at};

    while (at + line.length < length && !ends_line(line.text[line.length]))
        line.length++;
    while (line.indent < line.length && line.text[line.indent] == ' ')
        line.indent++;
    return line;
}

/* Where the line behind it begins; `length` at the end. */
static size_t line_behind(const char *text, size_t length, const struct yaml_line *line)
{
    size_t at = (size_t)(line->text - text) + line->length;

    if (at + 1 < length && text[at] == '\r' && text[at + 1] == '\n')
        at++;
    return at < length ? at + 1 : length;
}

/* Without a comment and the blanks before it. */
static size_t content_length(const struct yaml_line *line)
{
    size_t length = line->length;

    for (size_t i = line->indent; i < line->length; i++)
        if (line->text[i] == '#' && (i == 0 || line->text[i - 1] == ' ')) {
            length = i;
            break;
        }
    while (length > 0 && strchr(" \t", line->text[length - 1]))
        length--;
    return length;
}

static size_t characters(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

struct yaml_point yaml_line_end(const char *text, size_t length, struct yaml_point point)
{
    size_t at = yaml_offset(text, length, point.index - point.column);
    struct yaml_line line = line_at(text, length, at);

    return (struct yaml_point){0, point.line, characters(line.text, content_length(&line))};
}

/* How far in the block stands that a bracket is in; items of lists begin behind their dash. */
static size_t block_indent(const struct yaml_line *line)
{
    size_t at = line->indent, dash = at;

    while (at + 1 < line->length && line->text[at] == '-' && line->text[at + 1] == ' ') {
        dash = at++;
        while (at < line->length && line->text[at] == ' ')
            at++;
    }
    return at < line->length && strchr("[{", line->text[at]) ? dash : at;
}

bool yaml_left_open(const char *text, size_t length, struct yaml_point open, size_t last,
                    struct yaml_point *end)
{
    size_t at = yaml_offset(text, length, open.index - open.column), number = open.line;
    struct yaml_line line = line_at(text, length, at);
    size_t indent = block_indent(&line);

    *end = (struct yaml_point){0, number, characters(line.text, content_length(&line))};
    while ((at = line_behind(text, length, &line)) < length && number++ < last) {
        line = line_at(text, length, at);
        size_t content = content_length(&line);
        if (content == 0)
            continue;
        if (line.indent <= indent && !strchr("]}", line.text[line.indent]))
            return true;
        *end = (struct yaml_point){0, number, characters(line.text, content)};
    }
    return at >= length; /* all of the rest is within it */
}

struct yaml_point yaml_content_before(const char *text, size_t length, struct yaml_point open,
                                      size_t last)
{
    size_t at = yaml_offset(text, length, open.index - open.column);
    struct yaml_point end = open;

    for (size_t number = open.line; number < last && at < length; number++) {
        struct yaml_line line = line_at(text, length, at);
        size_t content = content_length(&line);
        if (content > 0)
            end = (struct yaml_point){0, number, characters(line.text, content)};
        at = line_behind(text, length, &line);
    }
    return end;
}

bool yaml_item_within(const char *text, size_t length, const struct yaml_way *way,
                      struct yaml_point *item)
{
    struct yaml_line line = line_at(text, length, 0);

    for (size_t number = way->start.line; number++ < way->end.line;) {
        line = line_at(text, length, line_behind(text, length, &line));
        if (line.indent + 1 < line.length && memcmp(line.text + line.indent, "- ", 2) == 0) {
            *item = (struct yaml_point){0, number, line.indent};
            return true;
        }
    }
    return false;
}
