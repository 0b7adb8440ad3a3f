/* Clean paths and the hosts of URLs, as expr/clean.py says what they are. */
#ifndef HEXGATE_NAMES_H
#define HEXGATE_NAMES_H

#include "memory.h"

/* Whether a path is clean; `normal` is the path without one leading `./`. */
int path_normal(const text *path, int absolute, text *normal);
/* Whether a text is an absolute http(s) URL without user info; `host` is its host in lower case, on the heap. */
int url_host(const text *url, text *host);

#endif
