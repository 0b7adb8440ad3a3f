/* Texts: UTF-8 whose order of bytes is the order of its code points. */
#ifndef HEXGATE_TEXT_H
#define HEXGATE_TEXT_H

#include "layout.h"

/* How many bytes the character at `place` has, 0 where no valid one stands; a surrogate or an overlong form is none. */
uint32_t utf8_length(at place, at end);
/* The code point of a valid character. */
uint32_t utf8_point(at place);
/* Writes a character of at most 4 bytes; the address after it. */
at utf8_write(at place, uint32_t point);

/* Below 0, 0 or above 0. */
int text_compare(const text *left, const text *right);
int text_equal(const text *left, const text *right);
int text_starts(const text *whole, const text *part);
int text_ends(const text *whole, const text *part);
/* In linear time, whoever wrote the two. */
int text_contains(const text *whole, const text *part);
/* How many code points. */
uint32_t text_count(const text *whole);
/* Every code point in its simple lower case, as the policy's table says; on the heap. */
text text_lower(const text *whole);

/* The entry with the greatest name that is not greater than `name`, or 0. */
at table_floor(const table *where, const text *name);
/* What the entry of exactly that name leads to, or 0. */
at table_exact(const table *where, const text *name);
/* The entry with the longest name that `name` begins with, or 0; shorter ones are its parents. */
at table_prefix(const table *where, const text *name);

#endif
