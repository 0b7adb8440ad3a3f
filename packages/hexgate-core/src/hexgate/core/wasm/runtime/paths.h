/* Changes of a document by its host, as OPA's ABI has them. */
#ifndef HEXGATE_PATHS_H
#define HEXGATE_PATHS_H

#include "memory.h"

/* Puts a copy of a value at a path of keys, making objects on the way; 0, or one of OPA's codes: 2 for a type, 3 for a path. */
int32_t path_add(at base, at path, at added);
int32_t path_remove(at base, at path);

#endif
