/*
 * Defaults stand in the field tables as YAML text and are read by the same code as the user's
 * values. Most are a word or a number, or a short list of such; those are turned into nodes here,
 * for a plan reads millions of them. The others go through the parser.
 */
#include "io/schema/schema_private.h"
#include "io/yaml/yaml_tree.h"

#include <assert.h>
#include <string.h>

/* A scalar that YAML reads literally. */
static bool is_simple(const char *text, size_t length)
{
    if (!length || text[0] == ' ' || text[length - 1] == ' ' || (text[0] == '-' && length == 1))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !(c && strchr("_.+-~/", c)))
            return false;
    }
    return true;
}

/* [a, b, c] of simple scalars; *node stays NULL where it is anything else. */
static enum status read_simple_list(const char *text, struct yaml_mark mark, struct arena *arena,
                                    struct yaml_node **node, struct error *error)
{
    size_t length = strlen(text);
    struct yaml_node *list, *item;

    *node = NULL;
    if (length < 2 || text[0] != '[' || text[length - 1] != ']')
        return STATUS_OK;
    PASS(yaml_new(arena, YAML_SEQUENCE, mark, NULL, &list, error));
    for (const char *c = text + 1, *end = text + length - 1; c < end;) {
        size_t size = strcspn(c, ",]");
        if (!is_simple(c, size))
            return STATUS_OK;
        PASS(yaml_new(arena, YAML_SCALAR, mark, NULL, &item, error));
        PASS(arena_copy(arena, c, size, &item->text, error));
        PASS(yaml_append(arena, list, NULL, item, error));
        c += size;
        if (*c == ',')
            c++;
        while (*c == ' ')
            c++;
    }
    *node = list;
    return STATUS_OK;
}

/* Components remember the node that chose them. */
static bool keeps_node(enum field_type type)
{
    return type == FIELD_SELECT || type == FIELD_COMPONENT || type == FIELD_NODE;
}

enum status schema_default(const struct field *field, struct yaml_mark mark, struct arena *arena,
                           struct yaml_node *scratch, const struct yaml_node **node,
                           struct error *error)
{
    enum status status = STATUS_OK;
    const char *text = field->default_value;
    struct diagnostics bugs = {0};
    struct yaml_node *made = scratch;
    bool empty = (!*text && field->type == FIELD_TEXT) || strcmp(text, "''") == 0 ||
                 strcmp(text, "\"\"") == 0;

    if (empty || is_simple(text, strlen(text))) {
        if (keeps_node(field->type))
            TRY(arena_new(arena, &made, 1, sizeof *made, error));
        *made = (struct yaml_node){
            .kind = YAML_SCALAR, .mark = mark, .text = empty ? "" : text, .quoted = empty};
        goto out;
    }
    TRY(read_simple_list(text, mark, arena, &made, error));
    if (!made) {
        TRY(yaml_parse(arena, "default", text, strlen(text), &made, &bugs, error));
        assert(made && !bugs.count && "a default that is not YAML");
        made->mark = mark;
    }
out:
    *node = made;
    diagnostics_release(&bugs);
    return status;
}
