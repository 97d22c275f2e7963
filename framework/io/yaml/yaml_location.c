#include "io/yaml/yaml_location.h"

#include <stdio.h>
#include <string.h>

static void append(char text[YAML_LOCATION_TEXT], const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, YAML_LOCATION_TEXT - used, "%s", more);
}

void yaml_location_text(const struct yaml_location *place, char text[YAML_LOCATION_TEXT])
{
    char part[EXCERPT_TEXT];

    if (!place->parent) {
        snprintf(text, YAML_LOCATION_TEXT, "%s", place->name ? place->name : "");
        return;
    }
    yaml_location_text(place->parent, text);
    if (place->name) {
        if (text[0])
            append(text, ".");
        append(text, excerpt(place->name, part));
    } else {
        snprintf(part, sizeof part, "[%zu]", place->index);
        append(text, part);
    }
}

const char *excerpt(const char *text, char shown[EXCERPT_TEXT])
{
    static const char more[] = "\xE2\x80\xA6"; /* an ellipsis */
    size_t room = EXCERPT_TEXT - sizeof more, used = 0;

    while (text[used] && used < room) {
        unsigned char byte = (unsigned char)text[used];
        shown[used++] = byte < 0x20 || byte == 0x7F ? ' ' : (char)byte;
    }
    if (text[used]) {
        while (used && ((unsigned char)text[used] & 0xC0) == 0x80)
            used--; /* not in the middle of a character */
        memcpy(shown + used, more, sizeof more - 1);
        used += sizeof more - 1;
    }
    shown[used] = '\0';
    return shown;
}
