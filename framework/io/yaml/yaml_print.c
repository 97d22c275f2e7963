#include "io/yaml/yaml_scalar.h"

#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* May the text stand without quotes, in flow style too? A narrow rule that needs no exceptions. */
static bool is_plain(const char *text)
{
    size_t length = strlen(text);
    if (!length || text[length - 1] == ' ' || !(is_word(text[0]) || strchr("./+-~", text[0])))
        return false;
    if (text[0] == '-' && (!text[1] || text[1] == ' ' || text[1] == '-'))
        return false;
    if (strncmp(text, "...", 3) == 0)
        return false;
    for (const char *c = text + 1; *c; c++)
        if (!is_word(*c) && !strchr("./+- ", *c))
            return false;
    return true;
}

static bool reads_as_other(const char *text)
{
    struct yaml_node node = {.kind = YAML_SCALAR, .text = text};
    bool boolean;
    double real;
    return yaml_is_null(&node) || yaml_boolean(&node, &boolean) ||
           yaml_scan_real(text, &real) != YAML_NUMBER_NONE;
}

/* The bytes of one UTF-8 character (the text was checked when it was parsed) and its number. */
static size_t decode(const char *text, unsigned *number)
{
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned char lead = (unsigned char)text[0];
    size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    *number = lead & masks[size];
    for (size_t i = 1; i < size; i++) {
        if (!text[i])
            return i;
        *number = *number << 6 | ((unsigned char)text[i] & 0x3FU);
    }
    return size;
}

static void print_quoted(const char *text, struct text *out)
{
    unsigned number;
    size_t size;

    text_append(out, "\"");
    for (; *text; text += size) {
        size = decode(text, &number);
        if (number == '"' || number == '\\')
            text_append(out, "\\%c", (int)number);
        else if (number == '\n')
            text_append(out, "\\n");
        else if (number == '\t')
            text_append(out, "\\t");
        else if (number < 0x20 || (number >= 0x7F && number < 0xA0))
            text_append(out, "\\x%02X", number);
        else if (number == 0x2028 || number == 0x2029 || number == 0xFEFF ||
                 (number >= 0xFFFE && number <= 0xFFFF))
            text_append(out, "\\u%04X", number);
        else
            text_append_bytes(out, text, size);
    }
    text_append(out, "\"");
}

void yaml_print_scalar(const char *text, bool is_text, struct text *out)
{
    if (is_plain(text) && !(is_text && reads_as_other(text)))
        text_append(out, "%s", text);
    else
        print_quoted(text, out);
}

void yaml_print(const struct yaml_node *node, struct text *text)
{
    if (node->kind == YAML_SCALAR) {
        if (yaml_is_null(node))
            text_append(text, "~");
        else
            yaml_print_scalar(node->text, node->quoted, text);
        return;
    }
    text_append(text, node->kind == YAML_MAPPING ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            text_append(text, ", ");
        if (node->kind == YAML_MAPPING) {
            yaml_print_scalar(node->keys[i]->text, true, text);
            text_append(text, ": ");
        }
        yaml_print(node->items[i], text);
    }
    text_append(text, node->kind == YAML_MAPPING ? "}" : "]");
}
