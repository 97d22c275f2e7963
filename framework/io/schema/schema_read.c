/*
 * Reading a mapping as a table of fields says. A mistake is noted and reading goes on: the member
 * gets its default, and what only follows from a noted mistake is not noted again.
 */
#include "io/schema/schema_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static enum status read_record(struct reader *reader, const struct field *fields,
                               const struct yaml_node *node, const struct yaml_location *place,
                               void *record);

/* A mapping that is being read. */
struct field_mapping {
    const struct yaml_node *node; /* NULL: nothing is written */
    const struct yaml_location *place;
    size_t known;  /* pairs that some field has claimed */
    size_t next;   /* where the next field's key is looked for first */
    bool unchosen; /* the name that decides which fields there are is wrong or missing */
    const struct descriptor *chosen; /* by that name */
};

static enum status read_fields(struct reader *reader, const struct field *fields,
                               struct field_mapping *mapping, void *record);

static const char *article(const struct registry *registry)
{
    return strchr("aeiou", registry->noun[0]) ? "an" : "a";
}

static enum status unknown_name(struct reader *reader, const struct registry *registry,
                                const char *name, struct yaml_mark mark,
                                const struct yaml_location *place, bool in_path)
{
    const char *near = NULL;
    char names[SCHEMA_NAMES] = "", shown[EXCERPT_TEXT + 8] = "", text[EXCERPT_TEXT];

    for (size_t i = 0; i < registry->count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", registry->rows[i]->name);
        text_nearest(name, registry->rows[i]->name, &near);
    }
    if (!in_path)
        snprintf(shown, sizeof shown, " '%s'", excerpt(name, text));
    if (near)
        return schema_mistake(reader, mark, place, "unknown %s%s; did you mean '%s'?",
                              registry->noun, shown, near);
    if (registry->count > 12 || registry->count == 0)
        return schema_mistake(reader, mark, place, "unknown %s%s", registry->noun, shown);
    return schema_mistake(reader, mark, place, "unknown %s%s; expected one of: %s", registry->noun,
                          shown, names);
}

/* A component's settings, all read; `component` was zero. */
static enum status new_component(struct reader *reader, const struct descriptor *kind,
                                 const struct yaml_node *node, struct component *component)
{
    component->kind = kind;
    component->node = node;
    return arena_new(reader->arena, &component->config, kind->config_size ? kind->config_size : 1,
                     1, reader->error);
}

/* `name`, `name: {...}`, or `~` where that is the default. */
static enum status read_component(struct reader *reader, const struct field *field,
                                  const struct yaml_node *node, const struct yaml_location *place,
                                  struct component *member, bool *good)
{
    enum status status = STATUS_OK;
    const struct registry *registry = field->registry();
    const struct yaml_node *name = node, *settings = NULL;
    struct component component = {.node = node}, *outer = reader->tuning;
    char shown[EXCERPT_TEXT + 8];

    if (yaml_is_null(node) && field->default_value && strcmp(field->default_value, "~") == 0) {
        *member = component;
        *good = true;
        return STATUS_OK;
    }
    if (node->kind == YAML_MAPPING && node->count == 1) {
        name = node->keys[0];
        settings = node->items[0];
    } else if (node->kind == YAML_MAPPING && node->count > 1) {
        return schema_mistake(reader, node->mark, place,
                              "expected one %s, found %zu keys; indent the settings below the "
                              "name",
                              registry->noun, node->count);
    } else if (node->kind != YAML_SCALAR || yaml_is_null(node)) {
        return schema_mistake(reader, node->mark, place, "expected the name of %s %s, found %s",
                              article(registry), registry->noun, schema_found(node, shown));
    }
    struct yaml_location here = {place, name->text, 0, name->mark};
    const struct descriptor *kind = registry_find(registry, name->text);
    if (!kind)
        return unknown_name(reader, registry, name->text, name->mark, &here, true);
    TRY(new_component(reader, kind, node, &component));
    reader->tuning = field->type == FIELD_COMPONENTS && field->tunable ? &component : NULL;
    status = read_record(reader, kind->fields, settings, &here, component.config);
    reader->tuning = outer;
    *member = component;
    *good = true;
out:
    return status;
}

static enum status read_components(struct reader *reader, const struct field *field,
                                   const struct yaml_node *node, const struct yaml_location *place,
                                   struct component_list *member, bool *good)
{
    struct component *items;
    char shown[EXCERPT_TEXT + 8];
    size_t count = 0;

    if (node->kind != YAML_SEQUENCE)
        return schema_mistake(reader, node->mark, place, "expected a list, found %s%s",
                              schema_found(node, shown),
                              yaml_is_null(node) ? "; write [] for an empty list" : "");
    PASS(arena_new(reader->arena, &items, node->count, sizeof *items, reader->error));
    for (size_t i = 0; i < node->count; i++) {
        struct yaml_location here = {place, NULL, i, node->items[i]->mark};
        bool fine = false;
        PASS(read_component(reader, field, node->items[i], &here, &items[count], &fine));
        count += fine;
    }
    *member = (struct component_list){items, count};
    *good = true;
    return STATUS_OK;
}

/* The name that chooses what further keys the mapping has; those are read into its config. */
static enum status read_select(struct reader *reader, const struct field *field,
                               const struct yaml_node *name, const struct yaml_location *place,
                               struct field_mapping *mapping, struct component *member, bool *good)
{
    enum status status = STATUS_OK;
    const struct registry *registry = field->registry();
    struct component component = {0};
    char shown[EXCERPT_TEXT + 8];

    if (name->kind != YAML_SCALAR || yaml_is_null(name))
        return schema_mistake(reader, name->mark, place, "expected the name of %s %s, found %s",
                              article(registry), registry->noun, schema_found(name, shown));
    const struct descriptor *kind = registry_find(registry, name->text);
    if (!kind)
        return unknown_name(reader, registry, name->text, name->mark, place, false);
    struct component *outer = reader->tuning;
    TRY(new_component(reader, kind, name, &component));
    reader->tuning = NULL;
    mapping->chosen = kind;
    status = read_fields(reader, kind->fields, mapping, component.config);
    reader->tuning = outer;
    *member = component;
    *good = true;
out:
    return status;
}

/* For any type; `mapping` contains the field. */
static enum status read_member(struct reader *reader, const struct field *field,
                               const struct yaml_node *node, const struct yaml_location *place,
                               struct field_mapping *mapping, void *member, bool *good)
{
    switch (field->type) {
    case FIELD_SELECT: return read_select(reader, field, node, place, mapping, member, good);
    case FIELD_COMPONENT: return read_component(reader, field, node, place, member, good);
    case FIELD_COMPONENTS: return read_components(reader, field, node, place, member, good);
    case FIELD_NODE:
        *(const struct yaml_node **)member = node;
        *good = true;
        return STATUS_OK;
    default: return schema_read_value(reader, field, node, place, member, good);
    }
}

/* The default, or zeros where there is none. `chosen` tells of a FIELD_SELECT whose own value was
 * good or absent, so that the keys beside it belong to the default. */
static enum status read_default(struct reader *reader, const struct field *field,
                                const struct yaml_location *place, struct field_mapping *mapping,
                                void *member, bool chosen)
{
    enum status status = STATUS_OK;
    struct diagnostics bugs = {0};
    struct reader strict = *reader;
    struct field_mapping nothing = {.place = mapping->place};
    struct yaml_node scratch;
    const struct yaml_node *node;
    bool good = false, select = field->type == FIELD_SELECT;

    memset(member, 0, schema_member_size(field->type));
    if (field->type == FIELD_TEXT)
        *(const char **)member = "";
    if (!field->default_value)
        return STATUS_OK;
    strict.tuning = NULL;
    if (select) {
        strict.quiet += !chosen; /* the default's own required keys are not to be missed */
    } else {
        strict.found = &bugs;
        strict.quiet = 0;
    }
    TRY(schema_default(field, place->mark, reader->arena, &scratch, &node, reader->error));
    TRY(read_member(&strict, field, node, place, select && chosen ? mapping : &nothing, member,
                    &good));
    assert(good && !bugs.count && "a default that its own table refuses");
out:
    diagnostics_release(&bugs);
    return status;
}

/* The number of the field's key, or SIZE_MAX. Keys mostly stand in the table's order, and once all
 * are claimed nothing is looked for: plans read millions of fields. */
static size_t claim_key(struct field_mapping *mapping, const char *name)
{
    size_t count = mapping->node ? mapping->node->count : 0;

    for (size_t tried = 0, i = mapping->next; mapping->known < count && tried < count; tried++) {
        const char *key = mapping->node->keys[i]->text;
        size_t after = i + 1 < count ? i + 1 : 0;
        if (key[0] == name[0] && strcmp(key, name) == 0) {
            mapping->known++;
            mapping->next = after;
            return i;
        }
        i = after;
    }
    return SIZE_MAX;
}

/* What a field that stands `within` another is called there. */
static const char *inner_name(const struct field *field)
{
    return field->name + strlen(field->within) + 1;
}

/* The value of such a field in the other's mapping, or NULL. */
static const struct yaml_node *find_within(const struct field_mapping *mapping,
                                           const struct field *field)
{
    const struct yaml_node *outer =
        field->within && mapping->node ? yaml_get(mapping->node, field->within) : NULL;

    return outer && outer->kind == YAML_MAPPING ? yaml_get(outer, inner_name(field)) : NULL;
}

/* A mapping in a number's place: its keys were read as fields of the chosen component. */
static enum status read_opened(struct reader *reader, const struct field *field,
                               const struct yaml_node *node, const struct yaml_location *place,
                               const struct descriptor *chosen, int64_t *member, bool *good)
{
    char names[SCHEMA_NAMES] = "";

    *member = COUNT_ALL;
    *good = node->count > 0;
    for (const struct field *own = chosen->fields; own && own->name; own++)
        if (own->within && strcmp(own->within, field->name) == 0)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                     names[0] ? ", " : "", inner_name(own));
    if (!names[0] || !*good) {
        *good = false;
        return schema_read_value(reader, field, node, place, member, good);
    }
    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->keys[i]->text;
        struct yaml_location here = {place, key, 0, node->keys[i]->mark};
        bool known = false;
        for (const struct field *own = chosen->fields; own->name; own++)
            known = known || (own->within && strcmp(own->within, field->name) == 0 &&
                              strcmp(inner_name(own), key) == 0);
        if (!known)
            PASS(schema_mistake(reader, here.mark, &here, "unknown key; expected one of: %s",
                                names));
        *good = *good && known;
    }
    return STATUS_OK;
}

static enum status read_field(struct reader *reader, const struct field *field,
                              struct field_mapping *mapping, void *record)
{
    enum status status = STATUS_OK;
    size_t i = claim_key(mapping, field->name);
    const struct yaml_node *node =
        i == SIZE_MAX ? find_within(mapping, field) : mapping->node->items[i];
    struct yaml_location here = {mapping->place, field->name, 0,
                                 i != SIZE_MAX ? mapping->node->keys[i]->mark
                                 : node        ? node->mark
                                               : mapping->place->mark};
    void *member = schema_member(field, record);
    bool good = false;

    if (field->type == FIELD_RECORD) {
        struct component *outer = reader->tuning;
        reader->tuning = NULL;
        status = read_record(reader, field->fields, node, &here, member);
        reader->tuning = outer;
        if (field->unsaid)
            *(bool *)member = node && !yaml_is_null(node);
        return status;
    }
    if (node && field->opens && node->kind == YAML_MAPPING && mapping->chosen)
        TRY(read_opened(reader, field, node, &here, mapping->chosen, member, &good));
    else if (node)
        TRY(read_member(reader, field, node, &here, mapping, member, &good));
    else if (schema_required(field))
        TRY(schema_mistake(reader, mapping->place->mark, mapping->place,
                           "required key '%s' is missing", field->name));
    if (!good && field->type == FIELD_SELECT && (node || !field->default_value))
        mapping->unchosen = true;
    if (!good)
        TRY(read_default(reader, field, &here, mapping, member, !node));
out:
    return status;
}

static enum status read_fields(struct reader *reader, const struct field *fields,
                               struct field_mapping *mapping, void *record)
{
    for (; fields && fields->name; fields++)
        PASS(read_field(reader, fields, mapping, record));
    return STATUS_OK;
}

/* What is known of the keys of a mapping, while one of them is looked for. */
struct name_search {
    const char *wanted;
    bool met;
    const char *near;
    size_t count;
    char names[SCHEMA_NAMES]; /* of all, with commas */
};

static void search_fields(struct name_search *search, const struct field *fields,
                          const void *record)
{
    for (; fields && fields->name; fields++) {
        size_t used = strlen(search->names);
        search->met = search->met || strcmp(fields->name, search->wanted) == 0;
        text_nearest(search->wanted, fields->name, &search->near);
        snprintf(search->names + used, sizeof search->names - used, "%s%s",
                 search->count++ ? ", " : "", fields->name);
        if (fields->type != FIELD_SELECT)
            continue;
        const struct component *chosen = schema_member_const(fields, record);
        if (chosen->kind)
            search_fields(search, chosen->kind->fields, chosen->config);
    }
}

/* Is this the name of a FIELD_SELECT that the user has not given? */
static bool is_missing_choice(const struct field *fields, const struct yaml_node *node,
                              const char *name)
{
    for (; fields && fields->name; fields++)
        if (fields->type == FIELD_SELECT && name && strcmp(fields->name, name) == 0)
            return !yaml_get(node, name);
    return false;
}

static enum status refuse_unknown(struct reader *reader, const struct field *fields,
                                  const struct field_mapping *mapping, const void *record)
{
    const struct yaml_node *node = mapping->node;

    for (size_t i = 0; i < node->count; i++) {
        struct name_search search = {.wanted = node->keys[i]->text};
        struct yaml_location here = {mapping->place, search.wanted, 0, node->keys[i]->mark};
        search_fields(&search, fields, record);
        if (search.met || (mapping->unchosen && !is_missing_choice(fields, node, search.near)))
            continue;
        if (search.near)
            PASS(schema_mistake(reader, here.mark, &here, "unknown key; did you mean '%s'?",
                                search.near));
        else if (search.count == 0)
            PASS(schema_mistake(reader, here.mark, &here, "unknown key; there are no settings"));
        else if (search.count <= 12)
            PASS(schema_mistake(reader, here.mark, &here, "unknown key; expected one of: %s",
                                search.names));
        else
            PASS(schema_mistake(reader, here.mark, &here, "unknown key"));
    }
    return STATUS_OK;
}

static enum status read_record(struct reader *reader, const struct field *fields,
                               const struct yaml_node *node, const struct yaml_location *place,
                               void *record)
{
    enum status status = STATUS_OK;
    struct field_mapping mapping = {.node = node, .place = place};
    char shown[EXCERPT_TEXT + 8];
    bool wrong = node && node->kind != YAML_MAPPING && !yaml_is_null(node);

    if (wrong)
        TRY(schema_mistake(reader, node->mark, place, "expected a mapping, found %s",
                           schema_found(node, shown)));
    if (wrong || yaml_is_null(node))
        mapping.node = NULL;
    reader->quiet += wrong;
    status = read_fields(reader, fields, &mapping, record);
    reader->quiet -= wrong;
    if (status == STATUS_OK && mapping.node && mapping.known < mapping.node->count)
        TRY(refuse_unknown(reader, fields, &mapping, record));
out:
    return status;
}

enum status schema_read(const struct field *fields, const struct yaml_node *node, const char *path,
                        void *record, struct arena *arena, struct diagnostics *found,
                        struct error *error)
{
    struct reader reader = {.arena = arena, .found = found, .error = error};
    struct yaml_location root = {.name = path};

    if (node)
        root.mark = node->mark;
    return read_record(&reader, fields, node, &root, record);
}
