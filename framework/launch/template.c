#include "launch/template.h"

#include "base/command.h"

#include <string.h>

enum { LONGEST_LINE = 1000, MOST_STEPS = 1000000 };

static const char *const part_names[PATTERN_PARTS] = {"number", "job", "index", "state", "reason"};
const struct text_list pattern_parts = {(const char **)part_names, PATTERN_PARTS};

/* A placeholder that starts here: "{NAME}" or "{NAME:SEPARATOR}". */
struct placeholder {
    const char *name, *separator;
    size_t length, separator_length, whole; /* whole: with its braces */
};

/* False where `at` starts none: another character, a doubled brace, or one that is not closed. */
static bool read_placeholder(const char *at, struct placeholder *found)
{
    size_t length = strcspn(at, "}");

    if (at[0] != '{' || at[1] == '{' || !at[length])
        return false;
    size_t name = strcspn(at + 1, ":}");
    *found = (struct placeholder){at + 1, at + 1 + name, name, 0, length + 1};
    if (*found->separator == ':') {
        found->separator++;
        found->separator_length = (size_t)(at + length - found->separator);
    }
    return true;
}

static bool is_called(const struct placeholder *placeholder, const char *name)
{
    return strlen(name) == placeholder->length &&
           memcmp(name, placeholder->name, placeholder->length) == 0;
}

/* The next placeholder from `at` on; NULL: there is none. "${…}" belongs to the shell. */
static const char *next_placeholder(const char *at, struct placeholder *found)
{
    for (; *at; at++)
        if (at[0] == '$' && at[1] == '{')
            at++;
        else if ((at[0] == '{' || at[0] == '}') && at[1] == at[0])
            at++;
        else if (read_placeholder(at, found))
            return at;
    return NULL;
}

bool template_has(const char *template, const char *name)
{
    struct placeholder found;

    for (const char *at = template; (at = next_placeholder(at, &found)); at += found.whole)
        if (is_called(&found, name))
            return true;
    return false;
}

static void put(const struct template_value *value, const struct placeholder *placeholder,
                struct text *text)
{
    const struct text_list one = {(const char *[]){value->text}, 1};
    const struct text_list *list = value->text ? &one : value->list;

    for (size_t i = 0; i < list->count; i++) {
        if (i && placeholder->separator_length)
            text_append_bytes(text, placeholder->separator, placeholder->separator_length);
        else if (i)
            text_append(text, " ");
        if (value->raw)
            text_append(text, "%s", list->items[i]);
        else
            command_quote(text, list->items[i]);
    }
}

/* Text between placeholders, doubled braces as one. */
static void put_plain(const char *at, size_t length, struct text *text)
{
    for (const char *end = at + length; at < end; at++) {
        text_append_bytes(text, at, 1);
        if (at[0] == '$' && at + 1 < end && at[1] == '{')
            text_append_bytes(text, ++at, 1);
        else if ((at[0] == '{' || at[0] == '}') && at + 1 < end && at[1] == at[0])
            at++;
    }
}

void template_expand(const char *template, const struct template_value *values, size_t count,
                     struct text *text)
{
    struct placeholder found;
    const char *at = template;

    for (const char *next; (next = next_placeholder(at, &found)); at = next + found.whole) {
        put_plain(at, (size_t)(next - at), text);
        for (size_t i = 0; i < count; i++)
            if (is_called(&found, values[i].name))
                put(&values[i], &found, text);
    }
    put_plain(at, strlen(at), text);
}

static enum status check_name(const struct placeholder *placeholder, const struct text_list *known,
                              struct yaml_mark mark, const char *path, struct diagnostics *found,
                              struct error *error)
{
    char name[64];
    const char *best = NULL;
    struct text all = {0};
    enum status status = STATUS_OK;
    size_t length = placeholder->length < sizeof name ? placeholder->length : sizeof name - 1;

    memcpy(name, placeholder->name, length);
    name[length] = '\0';
    for (size_t i = 0; i < known->count; i++) {
        if (is_called(placeholder, known->items[i]))
            goto out;
        text_nearest(name, known->items[i], &best);
        text_append(&all, "%s{%s}", i ? ", " : "", known->items[i]);
    }
    TRY(text_status(&all, error));
    if (best)
        TRY(diagnostics_add(found, mark, path, error,
                            "unknown placeholder {%s}; did you mean {%s}?", name, best));
    else
        TRY(diagnostics_add(found, mark, path, error,
                            "unknown placeholder {%s}; expected one of: %s; {{ is a brace", name,
                            all.bytes ? all.bytes : "none"));
out:
    text_release(&all);
    return status;
}

/* A brace outside of placeholders that is neither doubled nor the shell's. */
static bool has_lone_brace(const char *at)
{
    struct placeholder found;

    for (; *at; at++)
        if (at[0] == '$' && at[1] == '{')
            at += strcspn(at, "}") - (at[strcspn(at, "}")] == '\0');
        else if ((at[0] == '{' || at[0] == '}') && at[1] == at[0])
            at++;
        else if (read_placeholder(at, &found))
            at += found.whole - 1;
        else if (at[0] == '{' || at[0] == '}')
            return true;
    return false;
}

enum status template_check(const char *template, const struct text_list *known,
                           struct yaml_mark mark, const char *path, struct diagnostics *found,
                           struct error *error)
{
    struct placeholder placeholder;

    for (const char *at = template; (at = next_placeholder(at, &placeholder));
         at += placeholder.whole)
        PASS(check_name(&placeholder, known, mark, path, found, error));
    if (has_lone_brace(template))
        PASS(diagnostics_add(found, mark, path, error,
                             "a brace stands alone in '%.80s'; a placeholder is {name}, and {{ or "
                             "}} is a brace",
                             template));
    return STATUS_OK;
}

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t';
}

/* May this byte belong to that part? */
static bool takes(enum pattern_part part, char letter)
{
    if (part == PATTERN_NUMBER || part == PATTERN_INDEX)
        return letter >= '0' && letter <= '9';
    return part != PATTERN_JOB || (!is_blank(letter) && !strchr(",;<>|'\"", letter));
}

/* A line that is compared. Steps are bounded: patterns with many stars may take very many. */
struct matching {
    const char *end;
    struct pattern_match *match;
    size_t steps;
};

static bool match_from(struct matching *m, const char *pattern, const char *line);

/* What may be `least` bytes or more that `part` takes (PATTERN_PARTS: any but blanks, of '*'). */
static bool match_run(struct matching *m, const char *rest, const char *line, size_t least,
                      enum pattern_part part)
{
    for (const char *at = line;; at++) {
        if ((size_t)(at - line) >= least) {
            if (part < PATTERN_PARTS) {
                m->match->parts[part].start = line;
                m->match->parts[part].length = (size_t)(at - line);
            }
            if (match_from(m, rest, at))
                return true;
        }
        if (at == m->end || (part == PATTERN_PARTS ? is_blank(*at) : !takes(part, *at)))
            return false;
    }
}

static bool match_from(struct matching *m, const char *pattern, const char *line)
{
    struct placeholder found;

    for (; *pattern; pattern++, line++) {
        if (++m->steps > MOST_STEPS)
            return false;
        if (read_placeholder(pattern, &found)) {
            enum pattern_part part = PATTERN_NUMBER;
            while (part < PATTERN_REASON && !is_called(&found, part_names[part]))
                part++;
            return match_run(m, pattern + found.whole, line, part != PATTERN_REASON, part);
        }
        if (strncmp(pattern, "...", 3) == 0) {
            for (const char *at = line; at <= m->end; at++)
                if (match_from(m, pattern + 3, at))
                    return true;
            return false;
        }
        if (*pattern == '*')
            return match_run(m, pattern + 1, line, 0, PATTERN_PARTS);
        if (line == m->end || (*pattern != *line && !(*pattern == ' ' && *line == '\t')))
            return false;
        while (*pattern == ' ' && line + 1 < m->end && is_blank(line[1]))
            line++;
        if ((*pattern == '{' || *pattern == '}') && pattern[1] == *pattern)
            pattern++;
    }
    return line == m->end;
}

bool pattern_match(const struct text_list *patterns, const char *line, size_t length,
                   struct pattern_match *match)
{
    const char *end = line + length;

    if (length > LONGEST_LINE)
        return false;
    while (line < end && is_blank(*line))
        line++;
    while (end > line && (is_blank(end[-1]) || end[-1] == '\r'))
        end--;
    for (size_t i = 0; i < patterns->count; i++) {
        struct matching m = {end, match, 0};
        *match = (struct pattern_match){0};
        if (match_from(&m, patterns->items[i], line))
            return true;
    }
    return false;
}
