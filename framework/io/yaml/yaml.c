/*
 * From libyaml's events to a tree. Recursion follows the text's nesting, which is bounded; each
 * node made, an alias's copies too, counts towards a bound, so that no text makes a tree that is
 * much larger than itself ("billion laughs").
 *
 * A mistake after which reading can go on is noted and reading goes on. One after which it cannot
 * is noted and travels up as STATUS_CONFIG, which yaml_parse() turns into "no tree".
 */
#include "io/yaml/yaml.h"

#include "io/yaml/yaml_location.h"
#include "io/yaml/yaml_syntax.h"
#include "io/yaml/yaml_tree.h"

#include <string.h>
#include <yaml.h>

enum {
    MAX_ANCHORS = 1000, /* looked up one by one */
    MAX_KEY = 255       /* bytes; longer ones could not be written on one line again */
};

struct anchor {
    const char *name;
    struct yaml_node *node; /* NULL while it is still open */
};

/* Where the last place was that was looked up in the text: the next comes behind it. */
struct cursor {
    size_t index, offset; /* characters, bytes */
};

struct builder {
    yaml_parser_t parser;
    struct arena *arena;
    const char *file;
    struct diagnostics *found;
    struct error *error;
    struct anchor *anchors;
    size_t anchor_count, anchor_capacity;
    size_t nodes;
    struct yaml_way way;
    struct cursor cursor;
};

static struct yaml_mark mark_of(const struct builder *builder, yaml_mark_t mark)
{
    return (struct yaml_mark){builder->file, (int)mark.line + 1, (int)mark.column + 1};
}

static enum status mistake(struct builder *builder, struct yaml_mark mark,
                           const struct yaml_location *place, const char *message,
                           const char *detail)
{
    char path[YAML_LOCATION_TEXT], shown[EXCERPT_TEXT];
    yaml_location_text(place, path);
    if (!detail)
        return diagnostics_add(builder->found, mark, path, builder->error, "%s", message);
    return diagnostics_add(builder->found, mark, path, builder->error, "%s '%s'", message,
                           excerpt(detail, shown));
}

/* Note the mistake that ends the reading. */
static enum status stop(struct builder *builder, struct yaml_mark mark,
                        const struct yaml_location *place, const char *message, const char *detail)
{
    enum status status = mistake(builder, mark, place, message, detail);
    return status == STATUS_OK ? STATUS_CONFIG : status;
}

static enum status next_event(struct builder *builder, yaml_event_t *event)
{
    enum status status;
    if (yaml_parser_parse(&builder->parser, event))
        return STATUS_OK;
    memset(event, 0, sizeof *event);
    if (builder->parser.error == YAML_MEMORY_ERROR)
        return error_set(builder->error, STATUS_MEMORY, "out of memory while reading YAML");
    status = yaml_syntax_mistake(&builder->parser, &builder->way, builder->file, builder->found,
                                 builder->error);
    return status == STATUS_OK ? STATUS_CONFIG : status;
}

/* A new node, counted. */
static enum status new_node(struct builder *builder, enum yaml_kind kind, struct yaml_mark mark,
                            const struct yaml_location *place, size_t depth,
                            struct yaml_node **node)
{
    if (++builder->nodes > YAML_MAX_NODES)
        return stop(builder, mark, place,
                    "too many values, with aliases expanded; expected at most 200000", NULL);
    if (depth > YAML_MAX_DEPTH)
        return stop(builder, mark, place, "nested too deeply; expected at most 64 levels", NULL);
    return yaml_new(builder->arena, kind, mark, NULL, node, builder->error);
}

static enum status note_anchor(struct builder *builder, const yaml_char_t *name,
                               struct yaml_mark mark, const struct yaml_location *place,
                               size_t *number)
{
    const char *text = (const char *)name;

    *number = SIZE_MAX;
    if (!name)
        return STATUS_OK;
    if (builder->anchor_count == MAX_ANCHORS)
        return stop(builder, mark, place, "too many anchors; expected at most 1000", NULL);
    PASS(memory_reserve(&builder->anchors, &builder->anchor_capacity, builder->anchor_count + 1,
                        sizeof *builder->anchors, builder->error));
    struct anchor *anchor = &builder->anchors[builder->anchor_count];
    PASS(arena_copy(builder->arena, text, strlen(text), &anchor->name, builder->error));
    anchor->node = NULL;
    *number = builder->anchor_count++;
    return STATUS_OK;
}

/* An alias's copy shares texts with its original, but no nodes: either may be changed alone. The
 * parts keep their own marks; `mark` is the alias's. */
static enum status copy_counted(struct builder *builder, const struct yaml_node *node,
                                struct yaml_mark mark, const struct yaml_location *place,
                                size_t depth, struct yaml_node **copy)
{
    struct yaml_node *key = NULL, *item;

    PASS(new_node(builder, node->kind, mark, place, depth, copy));
    (*copy)->text = node->text;
    (*copy)->quoted = node->quoted;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAPPING)
            PASS(copy_counted(builder, node->keys[i], mark, place, depth + 1, &key));
        PASS(copy_counted(builder, node->items[i], mark, place, depth + 1, &item));
        if (key)
            key->mark = node->keys[i]->mark;
        item->mark = node->items[i]->mark;
        PASS(yaml_append(builder->arena, *copy, key, item, builder->error));
    }
    return STATUS_OK;
}

/* The last anchor of that name counts. An unknown one reads as null, so that reading can go on. */
static enum status build_alias(struct builder *builder, const yaml_char_t *name,
                               struct yaml_mark mark, const struct yaml_location *place,
                               size_t depth, struct yaml_node **node)
{
    const char *wanted = (const char *)name;

    for (size_t i = builder->anchor_count; i-- > 0;) {
        const struct anchor *anchor = &builder->anchors[i];
        if (strcmp(anchor->name, wanted) != 0)
            continue;
        if (!anchor->node)
            return stop(builder, mark, place, "alias within the value that it names:", wanted);
        return copy_counted(builder, anchor->node, mark, place, depth, node);
    }
    PASS(mistake(builder, mark, place, "unknown alias", wanted));
    PASS(new_node(builder, YAML_SCALAR, mark, place, depth, node));
    (*node)->text = "";
    return STATUS_OK;
}

/* Is `name` one of `words`, each of which a space ends? */
static bool among(const char *name, const char *words)
{
    size_t length = strlen(name);
    for (; *words; words = strchr(words, ' ') + 1)
        if (strncmp(words, name, length) == 0 && words[length] == ' ')
            return true;
    return false;
}

/* Do we know the tag, and does it fit the node? `fitting` are the core tags for its kind. */
static enum status check_tag(struct builder *builder, const yaml_char_t *tag, const char *fitting,
                             struct yaml_mark mark, const struct yaml_location *place)
{
    static const char core[] = "tag:yaml.org,2002:";
    const char *text = (const char *)tag;

    if (!text || strcmp(text, "!") == 0)
        return STATUS_OK;
    if (strncmp(text, core, sizeof core - 1) != 0)
        return mistake(builder, mark, place, "unknown tag", text);
    text += sizeof core - 1;
    if (among(text, fitting))
        return STATUS_OK;
    if (among(text, "str int float bool null seq map "))
        return mistake(builder, mark, place, "this value does not match its tag:", text);
    return mistake(builder, mark, place, "unknown tag", text);
}

static struct yaml_point point_of(yaml_mark_t mark)
{
    return (struct yaml_point){mark.index, mark.line, mark.column};
}

static void note_scalar(struct builder *builder, const yaml_event_t *event)
{
    yaml_scalar_style_t style = event->data.scalar.style;

    builder->way.plain = style == YAML_PLAIN_SCALAR_STYLE;
    builder->way.quoted =
        style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    builder->way.start = point_of(event->start_mark);
    builder->way.end = point_of(event->end_mark);
}

/* A text without quotes may go on in the next lines. Is an item of a list in one of them? */
static bool swallows_item(struct builder *builder, const char *value, struct yaml_mark *mark)
{
    const struct yaml_way *way = &builder->way;
    struct cursor *cursor = &builder->cursor;
    struct yaml_point item;

    if (!way->plain || way->flow || way->start.line == way->end.line ||
        (!strstr(value, " - ") && !strstr(value, "\n- ")))
        return false;
    const char *text = (const char *)builder->parser.input.string.start + cursor->offset;
    size_t length = (size_t)((const char *)builder->parser.input.string.end - text);
    size_t offset = yaml_offset(text, length, way->start.index - cursor->index);
    cursor->offset += offset;
    cursor->index = way->start.index;
    if (!yaml_item_within(text + offset, length - offset, way, &item))
        return false;
    *mark = (struct yaml_mark){builder->file, (int)item.line + 1, (int)item.column + 1};
    return true;
}

static enum status build_scalar(struct builder *builder, const yaml_event_t *event,
                                const struct yaml_location *place, size_t depth,
                                struct yaml_node **node)
{
    struct yaml_mark mark = mark_of(builder, event->start_mark);
    const char *tag = (const char *)event->data.scalar.tag;
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;

    note_scalar(builder, event);
    PASS(new_node(builder, YAML_SCALAR, mark, place, depth, node));
    PASS(check_tag(builder, event->data.scalar.tag, "str int float bool null ", mark, place));
    if (memchr(text, 0, length))
        PASS(mistake(builder, mark, place, "a text cannot hold the character \\0", NULL));
    if (swallows_item(builder, text, &mark))
        PASS(stop(builder, mark, place,
                  "this item of a list is indented further than those before it", NULL));
    PASS(arena_copy(builder->arena, text, length, &(*node)->text, builder->error));
    if (!tag)
        (*node)->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    else
        (*node)->quoted = strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0;
    return STATUS_OK;
}

static enum status build_next(struct builder *builder, const struct yaml_location *place,
                              size_t depth, struct yaml_node **node);

static enum status build_sequence(struct builder *builder, struct yaml_node *node,
                                  const struct yaml_location *place, size_t depth)
{
    for (;;) {
        struct yaml_location here = {.parent = place, .index = node->count};
        struct yaml_node *item;
        PASS(build_next(builder, &here, depth, &item));
        if (!item)
            break;
        PASS(yaml_append(builder->arena, node, NULL, item, builder->error));
    }
    return STATUS_OK;
}

/* May this be a key? The pair is left out of the tree where not. */
static enum status check_key(struct builder *builder, const struct yaml_node *key,
                             const struct yaml_location *place, bool *good)
{
    *good = false;
    if (key->kind != YAML_SCALAR)
        return mistake(builder, key->mark, place,
                       "a key must be a single value, not a list or "
                       "a mapping",
                       NULL);
    if (!key->quoted && !key->text[0])
        return mistake(builder, key->mark, place, "a key is missing before ':'", NULL);
    if (!key->quoted && strcmp(key->text, "<<") == 0)
        return mistake(builder, key->mark, place,
                       "merge keys (<<) are not supported; write the keys out", NULL);
    if (strlen(key->text) > MAX_KEY)
        return mistake(builder, key->mark, place, "a key is longer than 255 bytes:", key->text);
    *good = true;
    return STATUS_OK;
}

static enum status build_mapping(struct builder *builder, struct yaml_node *node,
                                 const struct yaml_location *place, size_t depth)
{
    for (;;) {
        struct yaml_node *key, *value;
        bool good;
        PASS(build_next(builder, place, depth, &key));
        if (!key)
            break;
        PASS(check_key(builder, key, place, &good));
        struct yaml_location here = {place, good ? key->text : "?", 0, key->mark};
        PASS(build_next(builder, &here, depth, &value));
        if (good)
            PASS(yaml_append(builder->arena, node, key, value, builder->error));
    }
    return yaml_remove_duplicates(node, place, builder->found, builder->error);
}

/* A sequence or mapping whose first event was read. */
static enum status build_collection(struct builder *builder, const yaml_event_t *event,
                                    const struct yaml_location *place, size_t depth,
                                    struct yaml_node **node)
{
    bool list = event->type == YAML_SEQUENCE_START_EVENT;
    struct yaml_mark mark = mark_of(builder, event->start_mark);
    const yaml_char_t *tag = list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    bool flow = list ? event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                     : event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    bool outermost = flow && !builder->way.flow;

    if (outermost) {
        builder->way.flow = true;
        builder->way.open = point_of(event->start_mark);
    }
    PASS(new_node(builder, list ? YAML_SEQUENCE : YAML_MAPPING, mark, place, depth, node));
    PASS(check_tag(builder, tag, list ? "seq " : "map ", mark, place));
    PASS(list ? build_sequence(builder, *node, place, depth + 1)
              : build_mapping(builder, *node, place, depth + 1));
    if (outermost)
        builder->way.flow = false;
    return STATUS_OK;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor;
    return event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                                    : event->data.mapping_start.anchor;
}

/* The next node; NULL at the end of a sequence or mapping. */
static enum status build_next(struct builder *builder, const struct yaml_location *place,
                              size_t depth, struct yaml_node **node)
{
    enum status status = STATUS_OK;
    yaml_event_t event;
    size_t anchor;

    *node = NULL;
    TRY(next_event(builder, &event));
    struct yaml_mark mark = mark_of(builder, event.start_mark);
    if (event.type == YAML_ALIAS_EVENT) {
        TRY(build_alias(builder, event.data.alias.anchor, mark, place, depth, node));
    } else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_SEQUENCE_START_EVENT ||
               event.type == YAML_MAPPING_START_EVENT) {
        TRY(note_anchor(builder, anchor_of(&event), mark, place, &anchor));
        TRY(event.type == YAML_SCALAR_EVENT
                ? build_scalar(builder, &event, place, depth, node)
                : build_collection(builder, &event, place, depth, node));
        if (anchor != SIZE_MAX)
            builder->anchors[anchor].node = *node;
    }
out:
    yaml_event_delete(&event);
    return status;
}

/* Read an event that the grammar promises, or the start of a second document. */
static enum status expect(struct builder *builder, yaml_event_type_t type, bool *met)
{
    enum status status = STATUS_OK;
    yaml_event_t event;
    struct yaml_location root = {.name = ""};

    TRY(next_event(builder, &event));
    *met = event.type == type;
    if (event.type == YAML_DOCUMENT_START_EVENT && !*met)
        TRY(mistake(builder, mark_of(builder, event.start_mark), &root,
                    "a second document starts here; expected only one", NULL));
out:
    yaml_event_delete(&event);
    return status;
}

static enum status build(struct builder *builder, struct yaml_node **root)
{
    struct yaml_location place = {.name = ""};
    struct yaml_mark start = {builder->file, 1, 1};
    bool met;

    PASS(expect(builder, YAML_STREAM_START_EVENT, &met));
    PASS(expect(builder, YAML_DOCUMENT_START_EVENT, &met));
    if (met)
        PASS(build_next(builder, &place, 1, root));
    if (!*root || ((*root)->kind == YAML_SCALAR && !(*root)->quoted && !(*root)->text[0])) {
        *root = NULL;
        PASS(stop(builder, start, &place, "empty; expected a value", NULL));
    }
    PASS(expect(builder, YAML_DOCUMENT_END_EVENT, &met));
    return expect(builder, YAML_STREAM_END_EVENT, &met);
}

enum status yaml_parse(struct arena *arena, const char *name, const char *bytes, size_t length,
                       struct yaml_node **root, struct diagnostics *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct builder builder = {.arena = arena, .found = found, .error = error};
    bool ready = false, good;

    *root = NULL;
    TRY(arena_copy(arena, name, strlen(name), &builder.file, error));
    TRY(yaml_check_text(builder.file, bytes, length, &good, found, error));
    if (!good)
        goto out;
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3; /* the byte order mark that some editors write */
        length -= 3;
    }
    ready = yaml_parser_initialize(&builder.parser);
    if (!ready)
        TRY(error_set(error, STATUS_MEMORY, "out of memory while reading YAML"));
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)bytes, length);
    status = build(&builder, root);
    if (status != STATUS_OK)
        *root = NULL;
    if (status == STATUS_CONFIG)
        status = STATUS_OK;
out:
    if (ready)
        yaml_parser_delete(&builder.parser);
    memory_free(builder.anchors);
    return status;
}
