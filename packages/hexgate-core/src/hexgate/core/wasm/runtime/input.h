/* The input of a decision: who asks to run what with which arguments. */
#ifndef HEXGATE_INPUT_H
#define HEXGATE_INPUT_H

#include "condition.h"

/* More distinct roles than this a caller does not have. */
#define MOST_ROLES 32

typedef struct {
    question about;
    text tool;
    at roles[MOST_ROLES]; /* roles of the policy, each once, in the caller's order */
    uint32_t count;
    int unknown;          /* the caller has a role that the policy does not know, and there is no `default` for it */
} input;

/* Reads the value that a host sent; whether it is an input at all. */
int input_read(input *into, at sent);

#endif
