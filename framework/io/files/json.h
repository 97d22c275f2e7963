/* Writing JSON, one element a line. */
#ifndef UNDERSTUDY_IO_FILES_JSON_H
#define UNDERSTUDY_IO_FILES_JSON_H

#include "base/text.h"

/* Where the text stands: how far in, and whether a comma is due. */
struct json {
    struct text *text;
    int indent;
    bool comma;
    bool references; /* of a schema: texts with ${…} stand for values of any type */
    bool partial;    /* of a schema: nothing is required, another file may give it */
};

/* An object or array opens with "{" or "[" and closes with its counterpart. */
void json_open(struct json *json, const char *bracket);
void json_close(struct json *json, const char *bracket);
/* Begin the line of the next element. */
void json_next(struct json *json);
void json_string(struct json *json, const char *string);
/* Begin the line of the next member; its value follows. */
void json_key(struct json *json, const char *name);
/* A member whose value is a string, or literal JSON. */
void json_pair(struct json *json, const char *name, const char *value);
void json_pair_raw(struct json *json, const char *name, const char *value);

#endif
