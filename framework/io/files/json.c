#include "io/files/json.h"

void json_string(struct json *json, const char *string)
{
    text_append(json->text, "\"");
    for (; *string; string++) {
        unsigned char c = (unsigned char)*string;
        if (c == '"' || c == '\\')
            text_append(json->text, "\\%c", c);
        else if (c < 0x20)
            text_append(json->text, "\\u%04x", (unsigned)c);
        else
            text_append_bytes(json->text, string, 1);
    }
    text_append(json->text, "\"");
}

void json_next(struct json *json)
{
    text_append(json->text, "%s\n%*s", json->comma ? "," : "", json->indent, "");
    json->comma = true;
}

void json_open(struct json *json, const char *bracket)
{
    text_append(json->text, "%s", bracket);
    json->indent += 2;
    json->comma = false;
}

void json_close(struct json *json, const char *bracket)
{
    json->indent -= 2;
    if (json->comma)
        text_append(json->text, "\n%*s", json->indent, "");
    text_append(json->text, "%s", bracket);
    json->comma = true;
}

void json_key(struct json *json, const char *name)
{
    json_next(json);
    json_string(json, name);
    text_append(json->text, ": ");
}

void json_pair(struct json *json, const char *name, const char *value)
{
    json_key(json, name);
    json_string(json, value);
}

void json_pair_raw(struct json *json, const char *name, const char *value)
{
    json_key(json, name);
    text_append(json->text, "%s", value);
}
