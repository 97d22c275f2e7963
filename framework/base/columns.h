/* How much room text takes on a terminal: columns, not bytes. Text is UTF-8; what is none counts a
 * column a byte. */
#ifndef UNDERSTUDY_BASE_COLUMNS_H
#define UNDERSTUDY_BASE_COLUMNS_H

#include <stddef.h>

/* Columns of `length` bytes: Chinese, Japanese and Korean characters and pictures take two, accents
 * that stand on the character before none. */
size_t columns_count(const char *bytes, size_t length);
/* The bytes of the longest beginning that takes at most so many columns, in whole characters. */
size_t columns_fit(const char *bytes, size_t length, size_t columns);
/* The same, ending between two words where there are several; a word that is too long is cut. */
size_t columns_fit_words(const char *bytes, size_t length, size_t columns);

#endif
