#include "io/yaml/yaml_syntax.h"

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
     "unknown escape after a backslash; in single quotes a backslash is literal"},
    {NULL, "did not find expected hexdecimal number", AT_PROBLEM,
     "expected hexadecimal digits after the escape"},
    {NULL, "found invalid Unicode character escape code", AT_PROBLEM,
     "this escape is not a Unicode character"},
    {NULL, "mapping values are not allowed in this context", AT_PROBLEM,
     "unexpected ':'; check the indentation, or put the text in quotes"},
    {NULL, "mapping keys are not allowed in this context", AT_PROBLEM,
     "unexpected '?'; check the indentation, or put the text in quotes"},
    {NULL, "block sequence entries are not allowed in this context", AT_PROBLEM,
     "unexpected '-'; a list starts on its own line"},
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
     "unexpected text after the end of the document"},
    {NULL, "found undefined tag handle", AT_PROBLEM, "unknown tag"},
    {NULL, "found a tab character that violates indentation", AT_PROBLEM,
     "a tab in the indentation; YAML requires spaces"},
    {NULL, "found a tab character where an indentation space is expected", AT_PROBLEM,
     "a tab in the indentation; YAML requires spaces"},
    {NULL, "found incompatible YAML document", AT_PROBLEM, "expected YAML 1.1 or 1.2"},
    {NULL, "control characters are not allowed", AT_PROBLEM,
     "a control character, which YAML does not allow"},
};

static const char *text_of(const yaml_parser_t *parser, size_t *length)
{
    *length = (size_t)(parser->input.string.end - parser->input.string.start);
    return (const char *)parser->input.string.start;
}

/* The byte at a mark; 0 past the end. */
static char byte_at(const yaml_parser_t *parser, yaml_mark_t mark)
{
    size_t length;
    const char *text = text_of(parser, &length);
    size_t at = yaml_offset(text, length, mark.index);

    return at < length ? text[at] : '\0';
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

/* Where libyaml noticed it, or where the thing began that it was in. */
static enum status tell_here(const yaml_parser_t *parser, const char *file,
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
                                   "a tab in the indentation; YAML requires spaces");
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

static struct yaml_point point_of(yaml_mark_t mark)
{
    return (struct yaml_point){mark.index, mark.line, mark.column};
}

/* The value that ends in the fault's line, before it, and began in an earlier one: `way` has it, or
 * the scanner, which had to look further before it could hand it over. */
static bool is_value_before(const yaml_parser_t *parser, const struct yaml_way *way,
                            struct yaml_way *value)
{
    const yaml_mark_t problem = parser->problem_mark;
    const yaml_token_t *last = parser->tokens.tail;

    *value = *way;
    if (last > parser->tokens.start && (--last)->type == YAML_SCALAR_TOKEN &&
        last->end_mark.index <= problem.index) {
        value->plain = last->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        value->quoted = last->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                        last->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        value->start = point_of(last->start_mark);
        value->end = point_of(last->end_mark);
    }
    return (value->plain || value->quoted) && value->start.line < value->end.line &&
           value->end.line == problem.line && value->end.index <= problem.index;
}

/* Are there only blanks and dashes before it in its line? */
static bool begins_line(const yaml_parser_t *parser, struct yaml_point point)
{
    size_t length;
    const char *text = text_of(parser, &length);
    size_t at = yaml_offset(text, length, point.index - point.column);

    return strspn(text + at, " -") >= point.column;
}

/* The value before, which stands where a key would, as the fault does: a key without its colon. */
static bool is_bare_key(const yaml_parser_t *parser, const struct yaml_way *way)
{
    return way->plain && !way->flow && way->start.line < parser->problem_mark.line &&
           way->start.column == parser->problem_mark.column && begins_line(parser, way->start) &&
           (fits("while parsing a block mapping", parser->context) ||
            fits("did not find expected <document start>", parser->problem));
}

/* Is there a colon in what the quotes hold, in a line behind the first? */
static bool holds_keys(const yaml_parser_t *parser, const struct yaml_way *value)
{
    size_t length;
    const char *text = text_of(parser, &length);
    size_t at = yaml_offset(text, length, value->start.index);
    size_t end = yaml_offset(text, length, value->end.index);
    const char *line = memchr(text + at, '\n', end - at);

    return line && memchr(line, ':', end - (size_t)(line - text));
}

/* Within brackets, does the fault's line begin with what does not go with what the line before it
 * ended in? */
static bool misses_comma(const yaml_parser_t *parser)
{
    const char *context = parser->context ? parser->context : "";
    char byte = byte_at(parser, parser->problem_mark);

    return (strcmp(context, "while parsing a flow sequence") == 0 ||
            strcmp(context, "while parsing a flow mapping") == 0) &&
           byte && !strchr("]}", byte) && begins_line(parser, point_of(parser->problem_mark));
}

/* Is the fault one of an earlier line? Then it is told here. */
static bool is_earlier(const yaml_parser_t *parser, const struct yaml_way *way,
                       struct yaml_point *at, const char **said)
{
    size_t length, line = parser->problem_mark.line;
    const char *text = text_of(parser, &length);
    struct yaml_way value;
    bool before = is_value_before(parser, way, &value);

    if (before && value.quoted && holds_keys(parser, &value)) {
        *at = value.start;
        *said = "the quote that opens here closes some lines below; is one missing?";
        return true;
    }
    if (before && value.plain && !way->flow && begins_line(parser, value.start)) {
        *at = value.start;
        *said = "expected ':' and a space after this key";
        return true;
    }
    if (is_bare_key(parser, way)) {
        *at = way->start;
        *said = "expected ':' and a space after this key";
        return true;
    }
    if (way->flow && line > way->open.line && yaml_left_open(text, length, way->open, line, at)) {
        *said = NULL;
        return true;
    }
    if (before && value.plain && way->flow) {
        *at = yaml_line_end(text, length, value.start);
        *said = NULL;
        return true;
    }
    if (way->flow && line > way->open.line && misses_comma(parser)) {
        *at = yaml_content_before(text, length, way->open, line);
        *said = NULL;
        return true;
    }
    return false;
}

/* Tell of brackets what could close the innermost one that is open. */
static enum status tell_bracket(const yaml_parser_t *parser, const struct yaml_way *way,
                                struct yaml_mark mark, struct diagnostics *found,
                                struct error *error)
{
    size_t length, line = parser->context_mark.line;
    const char *text = text_of(parser, &length), *context = parser->context;
    bool inner_list = context && strcmp(context, "while parsing a flow sequence") == 0;
    bool inner = inner_list || (context && strcmp(context, "while parsing a flow mapping") == 0);
    char open = text[yaml_offset(text, length, way->open.index)];
    bool list = inner ? inner_list : open == '[';

    return diagnostics_add(
        found, mark, "", error, "expected ',' or '%c' in the %s that starts in line %zu",
        list ? ']' : '}', list ? "list" : "mapping", (inner ? line : way->open.line) + 1);
}

enum status yaml_syntax_mistake(const struct yaml_parser_s *parser, const struct yaml_way *way,
                                const char *file, struct diagnostics *found, struct error *error)
{
    struct yaml_point at;
    const char *said;

    if (parser->error == YAML_READER_ERROR || !is_earlier(parser, way, &at, &said))
        return tell_here(parser, file, found, error);
    struct yaml_mark mark = {file, (int)at.line + 1, (int)at.column + 1};
    return said ? diagnostics_add(found, mark, "", error, "%s", said)
                : tell_bracket(parser, way, mark, found, error);
}
