/* Values of JSON: where a part of one is, and how two of them compare. */
#ifndef HEXGATE_VALUE_H
#define HEXGATE_VALUE_H

#include "layout.h"

/* So deep may a value be nested, whoever made it. Whoever walks one relies on it. */
#define DEEPEST 128

/* The member of an object, the element of a list; 0 where there is none, or where it is no object, no list. */
at value_member(at object, const text *key);
at value_element(at list, uint32_t index);

/* Below 0, 0 or above 0: an order of all values in which only equal ones are equal. Numbers and strings come as POLICY says. */
int value_compare(at left, at right);
int value_equal(at left, at right);
/* Whether a value is among sorted ones. */
int value_among(at found, at sorted, uint32_t count);

/* How many levels of lists and objects there are in it. */
uint32_t value_depth(at found);
/* A copy that shares nothing but texts. */
at value_copy(at found);
/* Where a key of an object stands among its items, or would have to. */
uint32_t value_place(const value *object, const text *key);

#endif
