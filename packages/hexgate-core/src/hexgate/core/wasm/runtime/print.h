/* Values and answers in, JSON text out: keys sorted, no spaces. */
#ifndef HEXGATE_PRINT_H
#define HEXGATE_PRINT_H

#include "layout.h"

/* A text that grows at the end of the heap. While it is written, nothing else may take from the heap. */
typedef struct {
    at start;
    at end;
    at room;
} writer;

writer writing(void);
void write_byte(writer *to, uint8_t byte);
void write_words(writer *to, const char *words);
void write_text(writer *to, const text *bytes);
void write_value(writer *to, at found);
/* Ends the text with a NUL and takes it from the heap. */
at written(writer *to);

#endif
