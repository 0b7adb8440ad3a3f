/* The value of an input in, the answer out. */
#ifndef HEXGATE_DECIDE_H
#define HEXGATE_DECIDE_H

#include "memory.h"

/* `[{"result":…}]` as a text that ends with a NUL. The value may be 0: what is no input is denied with a fault. */
at decide(at sent);

#endif
