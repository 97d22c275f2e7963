/* libyaml's complaints in words for people. Private to io/. */
#ifndef UNDERSTUDY_IO_YAML_SYNTAX_H
#define UNDERSTUDY_IO_YAML_SYNTAX_H

#include "io/yaml.h"

struct yaml_parser_s;

/* Note the fault that the parser stopped at, where it was given its text as one string. */
MUST_CHECK enum status yaml_syntax_mistake(const struct yaml_parser_s *parser, const char *file,
                                           struct diagnostics *found, struct error *error);

#endif
