/* One condition of a rule, asked about one question. */
#ifndef HEXGATE_CONDITION_H
#define HEXGATE_CONDITION_H

#include "layout.h"

/* What conditions are asked about. Facts are addresses of values, 0 where they are missing. */
typedef struct {
    at facts[ITEM + 1];
    uint32_t bytes;    /* of arguments and attributes, as they stand in the input */
    int64_t work_left; /* for all loops of the constraint that is asked */
    int exceeded;      /* a loop or a pattern would have taken more: no answer counts any more */
} question;

/* Whether the condition is known to hold. */
int holds(question *about, at asked);

#endif
