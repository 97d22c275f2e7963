#include "io/yaml_syntax.h"

#include <string.h>
#include <yaml.h>

enum where {
    AT_PROBLEM,      /* the fault is where libyaml noticed it */
    AT_START,        /* … where the thing began that libyaml was in */
    AT_PROBLEM_SINCE /* as the first, and the message tells where the thing began */
};

struct complaint {
    const char *context, *problem; /* libyaml's words; NULL: any */
    enum where where;
    const char *said;
};

/* The first row that fits counts. */
static const struct complaint complaints[] = {
    {"while scanning a quoted scalar", "found unexpected end of stream", AT_START,
     "the quote that opens here is never closed"},
    {"while scanning a quoted scalar", "found unexpected document indicator", AT_START,
     "the quote that opens here is never closed"},
    {NULL, "found unknown escape character", AT_PROBLEM,
     "unknown escape after a backslash; in single quotes a backslash is just itself"},
    {NULL, "did not find expected hexdecimal number", AT_PROBLEM,
     "expected hexadecimal digits after the escape"},
    {NULL, "found invalid Unicode character escape code", AT_PROBLEM,
     "this escape is not a Unicode character"},
    {NULL, "mapping values are not allowed in this context", AT_PROBLEM,
     "unexpected ':'; check the indentation, or put the text in quotes"},
    {NULL, "mapping keys are not allowed in this context", AT_PROBLEM,
     "unexpected '?'; check the indentation, or put the text in quotes"},
    {NULL, "block sequence entries are not allowed in this context", AT_PROBLEM,
     "unexpected '-'; a list starts on a line of its own"},
    {"while scanning a simple key", "could not find expected ':'", AT_START,
     "expected ':' and a space after this key"},
    {"while parsing a block mapping", "did not find expected key", AT_PROBLEM_SINCE,
     "expected a key; check the indentation of the mapping"},
    {"while parsing a block collection", "did not find expected '-' indicator", AT_PROBLEM_SINCE,
     "expected '- '; check the indentation of the list"},
    {"while parsing a flow sequence", NULL, AT_PROBLEM_SINCE, "expected ',' or ']' in the list"},
    {"while parsing a flow mapping", NULL, AT_PROBLEM_SINCE, "expected ',' or '}' in the mapping"},
    {NULL, "did not find expected node content", AT_PROBLEM, "expected a value"},
    {NULL, "did not find expected <document start>", AT_PROBLEM,
     "unexpected text; the document has ended before it"},
    {NULL, "found undefined tag handle", AT_PROBLEM, "unknown tag"},
    {NULL, "found a tab character that violates indentation", AT_PROBLEM,
     "a tab in the indentation; YAML wants spaces"},
    {NULL, "found a tab character where an indentation space is expected", AT_PROBLEM,
     "a tab in the indentation; YAML wants spaces"},
    {NULL, "found incompatible YAML document", AT_PROBLEM, "expected YAML 1.1 or 1.2"},
    {NULL, "control characters are not allowed", AT_PROBLEM,
     "a control character, which YAML does not allow"},
};

/* The byte at a mark; 0 past the end. libyaml counts characters, and ends lines as we do here. */
static char byte_at(const yaml_parser_t *parser, yaml_mark_t mark)
{
    const unsigned char *c = parser->input.string.start, *end = parser->input.string.end;

    for (size_t i = 0; i < mark.index && c < end; i++) {
        c++;
        while (c < end && (*c & 0xC0) == 0x80)
            c++;
    }
    return c < end ? (char)*c : '\0';
}

static bool fits(const char *pattern, const char *text)
{
    return !pattern || (text && strcmp(pattern, text) == 0);
}

static const struct complaint *find(const yaml_parser_t *parser)
{
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
        if (fits(complaints[i].context, parser->context) &&
            fits(complaints[i].problem, parser->problem))
            return &complaints[i];
    return NULL;
}

/* libyaml's reader gives the fault's byte, not its line. */
static yaml_mark_t mark_of_offset(const yaml_parser_t *parser)
{
    yaml_mark_t mark = {0, 0, 0};
    const unsigned char *start = parser->input.string.start;
    size_t length = (size_t)(parser->input.string.end - start);

    for (size_t i = 0; i < parser->problem_offset && i < length; i++) {
        if (start[i] == '\n' || (start[i] == '\r' && (i + 1 == length || start[i + 1] != '\n'))) {
            mark.line++;
            mark.column = 0;
        } else if ((start[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

enum status yaml_syntax_mistake(const struct yaml_parser_s *parser, const char *file,
                                struct diagnostics *found, struct error *error)
{
    const struct complaint *complaint = find(parser);
    bool reader = parser->error == YAML_READER_ERROR;
    yaml_mark_t problem = reader ? mark_of_offset(parser) : parser->problem_mark;
    yaml_mark_t start = parser->context_mark;
    bool at_start = complaint && complaint->where == AT_START;
    yaml_mark_t at = at_start ? start : problem;
    struct yaml_mark mark = {file, (int)at.line + 1, (int)at.column + 1};
    char byte = reader ? '\0' : byte_at(parser, problem);

    if (parser->problem && strstr(parser->problem, "cannot start any token")) {
        if (byte == '\t')
            return diagnostics_add(found, mark, "", error,
                                   "a tab in the indentation; YAML wants spaces");
        return diagnostics_add(found, mark, "", error,
                               "a text cannot start with '%c'; put it in quotes", byte);
    }
    if (!reader && !byte && parser->problem && strstr(parser->problem, "expected node content"))
        return diagnostics_add(found, mark, "", error, "expected a value, found the end");
    if (!complaint)
        return diagnostics_add(found, mark, "", error, "this is not YAML: %s%s%s",
                               parser->problem ? parser->problem : "unknown fault",
                               parser->context ? " " : "", parser->context ? parser->context : "");
    if (complaint->where == AT_PROBLEM_SINCE)
        return diagnostics_add(found, mark, "", error, "%s that starts in line %d", complaint->said,
                               (int)start.line + 1);
    return diagnostics_add(found, mark, "", error, "%s", complaint->said);
}
