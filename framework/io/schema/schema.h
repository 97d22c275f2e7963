/*
 * Field tables: one table drives validation, defaults, `describe`, `schema`, the resolved plan's
 * text and the attributes in the results file.
 *
 * A configuration is a plain C struct; a table of `struct field`, ended by a row without a name,
 * says for each member its YAML name, type, unit, range, default and help. Everything that can be
 * chosen by name (a stage, filter, layer …) has a `struct descriptor`, which holds such a table.
 *
 *     struct median { int64_t radius; };
 *     static const struct field fields[] = {
 *         {"radius", FIELD_INTEGER, offsetof(struct median, radius), .minimum = 1, .maximum = 15,
 *          .default_value = "1", .unit = "pixels", .help = "half the window's side, without its
 * centre"}, {0}};
 */
#ifndef UNDERSTUDY_IO_SCHEMA_SCHEMA_H
#define UNDERSTUDY_IO_SCHEMA_SCHEMA_H

#include "io/yaml/yaml.h"

enum field_type {                /* the struct member's type */
                  FIELD_BOOLEAN, /* bool */
                  FIELD_INTEGER, /* int64_t */
                  FIELD_COUNT,   /* int64_t; the word `all` is COUNT_ALL */
                  FIELD_REAL,    /* double, finite */
                  FIELD_SHARE,   /* double; the word `auto` is SHARE_AUTO */
                  FIELD_TEXT,    /* const char *, never NULL */
                  FIELD_CHOICE,  /* int64_t: the index in `choices` */
                  FIELD_REALS,   /* struct real_list */
                  FIELD_TEXTS,   /* struct text_list */
                  FIELD_RECORD,  /* the struct that `fields` describes, embedded; absent reads as {}
                                  */
                  FIELD_SELECT,  /* struct component: its own fields stand beside it in the same
                                    mapping */
                  FIELD_COMPONENT,  /* struct component: `name` or `name: {fields}`; `~` reads as
                                       kind NULL where it is the default */
                  FIELD_COMPONENTS, /* struct component_list: a sequence of such */
                  FIELD_NODE,       /* struct yaml_node *: kept as it is, NULL where absent */
};

enum { COUNT_ALL = -1, SHARE_AUTO = -1 };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    double minimum, maximum;   /* of numbers, inclusive; both 0: no bounds */
    const char *default_value; /* default, as YAML text; NULL: the field is required */
    const char *unit;          /* NULL: a pure number, or not a number */
    const char *help;
    const char *const *choices;               /* FIELD_CHOICE, ended by NULL */
    const struct field *fields;               /* FIELD_RECORD; of a FIELD_NODE, what is read later:
                                                 for `describe` and `schema` alone */
    const struct registry *(*registry)(void); /* FIELD_SELECT, FIELD_COMPONENT(S) */
    bool unsaid; /* FIELD_TEXTS, FIELD_REALS: an empty list, FIELD_BOOLEAN: `false`, FIELD_TEXT,
                    FIELD_REAL, FIELD_CHOICE: the default, FIELD_NODE: null is not printed: plans
                    without it stay as they were. FIELD_RECORD: may be left out; the struct begins
                    with a `bool` that tells whether it is there (`{}` is, `~` is not), and is
                    printed where it is */
    bool plain;  /* FIELD_TEXTS: a list of one is printed without brackets, as FIELD_TEXT is */
    /* Of a selected component: key of the section's field that may be a mapping in its number's
     * place and hold this one: within "test", `test: {list: x}` is `test_list: x`. */
    const char *within;
    bool opens;   /* FIELD_COUNT beside a FIELD_SELECT: such a mapping reads as COUNT_ALL */
    bool tunable; /* FIELD_COMPONENTS: the components' number fields may be {tune: [...]} */
};

struct real_list {
    double *items;
    size_t count;
};

/* What can be chosen by name; the first member of struct stage, struct filter, … */
struct descriptor {
    const char *name;
    const char *summary; /* one line, no full stop */
    const char *source;  /* paper, book or standard that it follows; NULL where it is folklore */
    const struct field *fields; /* NULL: no settings */
    size_t config_size;
    int version; /* raised whenever results change; part of stage keys */
};

/* All of one kind, sorted by name. `noun` is used in messages: "unknown stage". */
struct registry {
    const char *noun;
    size_t count;
    const struct descriptor *const *rows;
};

const struct descriptor *registry_find(const struct registry *registry, const char *name);

/* One field of a component for which several values are to be tried: {tune: [0.4, 0.8]}. */
struct tuned_field {
    const struct field *field;
    size_t count;
    void *values; /* array of the member's type */
};

/* DESCRIPTOR_OF(engine); defines engine_of(): the implementation that has this descriptor, which is
 * its first member. */
#define DESCRIPTOR_OF(type)                                                                        \
    static inline const struct type *type##_of(const struct descriptor *descriptor)                \
    {                                                                                              \
        return (const struct type *)descriptor;                                                    \
    }                                                                                              \
    struct type

struct component {
    const struct descriptor *kind;
    void *config;                 /* config_size bytes, in the arena; first values where tuned */
    const struct yaml_node *node; /* where it was chosen */
    struct tuned_field *tuned;
    size_t tuned_count;
};

struct component_list {
    struct component *items;
    size_t count;
};

/*
 * Read the mapping `node` (NULL reads as {}) into `record` as `fields` say. Mistakes go to `found`,
 * with dotted paths that start with `path` ("" for the root): unknown key (with the nearest name),
 * missing key, wrong type, out of range, unknown choice or component. Members with a mistake keep
 * their default, so that reading can go on. Texts, lists and configurations live in `arena`.
 * The status tells of failed allocations only.
 */
MUST_CHECK enum status schema_read(const struct field *fields, const struct yaml_node *node,
                                   const char *path, void *record, struct arena *arena,
                                   struct diagnostics *found, struct error *error);

/* Canonical block-style YAML with every field, defaults too, in table order. `indent` in spaces. */
void schema_print(const struct field *fields, const void *record, int indent, struct text *text);
/* "name: {a: 1, b: 2}" in one line; tuned fields print as {tune: [...]} . */
void schema_print_component(const struct component *component, struct text *text);

/* One member, in one line. */
void schema_print_value(const struct field *field, const void *member, struct text *text);

/* For people: name, type, range, unit, default and help of each setting, in lines of at most so
 * many columns; parts below their names. */
void schema_describe(const struct field *fields, size_t columns, struct text *text);
/* The same without what is in the parts. */
void schema_outline(const struct field *fields, size_t columns, struct text *text);

/* JSON Schema (draft 2020-12) of an object with these fields: elements of an `allOf` that is open.
 * `references`: values of any type may be texts with a `${…}`, but for what FIELD_NODE keeps.
 * `include`: where the object has this key, other files give what is missing; NULL: there is none.
 */
void schema_json(const struct field *fields, bool references, const char *include, int indent,
                 struct text *text);

/* The component's member for the k-th value of its j-th tuned field is set in `config` (a copy of
 * component->config made by the caller). */
void schema_apply_tuned(const struct component *component, size_t j, size_t k, void *config);

#endif
