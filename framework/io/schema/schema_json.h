/* Shared by the files that write JSON Schemas: members of the object that is open. Private to
 * io/schema/.
 */
#ifndef UNDERSTUDY_IO_SCHEMA_SCHEMA_JSON_H
#define UNDERSTUDY_IO_SCHEMA_SCHEMA_JSON_H

#include "io/files/json.h"
#include "io/schema/schema.h"

/* The types, as "\"object\", \"null\"", and a reference beside them: of the words that stand with a
 * type, each looks at values of its own type only, and so does the pattern. */
void schema_json_type(struct json *json, const char *types);
/* An object, nothing where that is allowed. */
void schema_json_object(struct json *json, bool nullable);
/* One more alternative in the list that is open, where a value may be a reference. */
void schema_json_reference(struct json *json);
/* One more alternative {NAME: VALUE}. */
void schema_json_const(struct json *json, const char *name, const char *value);

void schema_json_help(struct json *json, const struct field *field);
void schema_json_default(struct json *json, const struct field *field);
/* A number, `all` where that is allowed; the same, or {tune: [numbers]}. */
void schema_json_number_schema(struct json *json, const struct field *field);
void schema_json_tunable(struct json *json, const struct field *field);
/* Of one item, or a list of such. */
void schema_json_list_schema(struct json *json, const struct field *field);
/* One of some words: FIELD_CHOICE, FIELD_SELECT. */
void schema_json_word(struct json *json, const struct field *field);
/* The registry's names; `all`: those, too, that cannot be chosen by name alone. */
void schema_json_names(struct json *json, const struct registry *registry, bool all);
bool schema_json_any_by_name(const struct registry *registry);

#endif
