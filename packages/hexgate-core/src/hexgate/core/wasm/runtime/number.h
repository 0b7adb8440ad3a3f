/* Numbers stay the decimal digits that they were written as: no number here is ever rounded. */
#ifndef HEXGATE_NUMBER_H
#define HEXGATE_NUMBER_H

#include "layout.h"

/* Reads the number that begins at `start` into `into`; the address after it, or 0 where no number of JSON stands. */
at number_read(at start, at end, value *into);
/* A new value for a whole number. */
at number_of(uint32_t whole);
/* Below 0, 0 or above 0, as the left number is less than, equal to or greater than the right one. */
int number_compare(const value *left, const value *right);

#endif
