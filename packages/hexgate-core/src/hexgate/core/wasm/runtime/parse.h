/* A text of JSON in, its value out. */
#ifndef HEXGATE_PARSE_H
#define HEXGATE_PARSE_H

#include "memory.h"

/* The value that the whole text is, on the heap, or 0 where the text is not JSON. Of a repeated key the last member counts. */
at json_parse(at start, uint32_t length);

#endif
