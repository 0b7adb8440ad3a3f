#ifndef HEXGATE_REGEX_H
#define HEXGATE_REGEX_H

#include <stdint.h>

/* Finds patterns in texts. `words` is what `hexgate.core.wasm.regex.automaton` made of a pattern; its layout is described in
   `regex/words.py`. The words are ours and trusted, the text is not: it should be valid UTF-8, and whatever it is, it is
   only read within its length. */

/* How many bytes `regex_search` works with, which need be neither zero nor kept; aligned to 4. At most a few megabytes. */
uint32_t regex_scratch(const uint32_t *words);

/* 1 when the pattern is found in the text, 0 when it is not. The time is linear in `length`. */
int regex_search(const uint32_t *words, const uint8_t *text, uint32_t length, void *scratch);

#endif
