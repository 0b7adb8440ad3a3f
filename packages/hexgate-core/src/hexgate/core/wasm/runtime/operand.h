/* What stands on one side of a leaf. */
#ifndef HEXGATE_OPERAND_H
#define HEXGATE_OPERAND_H

#include "condition.h"

/* Its value, 0 where it is missing or of the wrong type. */
at operand_value(const question *about, at asked);
/* Its text, 0 where it is none. */
const text *operand_text(const question *about, at asked);

#endif
