/* Text as LaTeX: the one way in which text that is not the paper's own reaches it. */
#ifndef UNDERSTUDY_REPORT_CHARTS_LATEX_H
#define UNDERSTUDY_REPORT_CHARTS_LATEX_H

#include "base/text.h"

/* Append the text so that LaTeX prints it as it stands: no character of it is a command, a comment
 * or a ligature; what cannot be shown (text_append_printable()) is a question mark. */
void latex_append(struct text *text, const char *bytes);

#endif
