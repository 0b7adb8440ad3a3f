#include "print.h"

#include "value.h"

#define FIRST_ROOM 256u

writer writing(void) {
    at start = heap_reserve(FIRST_ROOM);
    writer found = {start, start, start + FIRST_ROOM};
    return found;
}

static void make_room(writer *to, uint32_t size) {
    uint64_t wanted = (uint64_t)(to->end - to->start) + size;
    if (size <= to->room - to->end) return;
    /* Twice as much, so that few steps lead to a long text. */
    wanted = wanted * 2;
    heap_reserve(wanted);
    to->room = to->start + (at)wanted;
}

void write_byte(writer *to, uint8_t byte) {
    make_room(to, 1);
    BYTE(to->end++) = byte;
}

void write_words(writer *to, const char *words) {
    while (*words) write_byte(to, (uint8_t)*words++);
}

void write_text(writer *to, const text *bytes) {
    make_room(to, bytes->length);
    copy(to->end, bytes->start, bytes->length);
    to->end += bytes->length;
}

/* What JSON does not hold bare, in its shortest form. */
static void write_escape(writer *to, uint8_t byte) {
    static const char digits[] = "0123456789abcdef", from[] = "\"\\\b\f\n\r\t", as[] = "\"\\bfnrt";
    write_byte(to, '\\');
    for (int index = 0; from[index]; index++)
        if (byte == (uint8_t)from[index]) {
            write_byte(to, (uint8_t)as[index]);
            return;
        }
    write_words(to, "u00");
    write_byte(to, (uint8_t)digits[byte >> 4]);
    write_byte(to, (uint8_t)digits[byte & 15]);
}

static void write_string(writer *to, const text *bytes) {
    at from = bytes->start, end = from + bytes->length;
    write_byte(to, '"');
    while (from < end) {
        text plain = {from, 0};
        while (from < end && BYTE(from) >= ' ' && BYTE(from) != '"' && BYTE(from) != '\\') from++;
        plain.length = from - plain.start;
        write_text(to, &plain);
        if (from < end) write_escape(to, BYTE(from++));
    }
    write_byte(to, '"');
}

static void write_items(writer *to, const value *container) {
    const at *items = AT(const at, container->items);
    for (uint32_t index = 0; index < container->count; index++) {
        if (index) write_byte(to, ',');
        if (container->kind == OBJECT) {
            write_string(to, &AT(const value, items[index])->key);
            write_byte(to, ':');
        }
        write_value(to, items[index]);
    }
}

void write_value(writer *to, at found) {
    const value *from = AT(const value, found);
    switch (from->kind) {
        case FALSE_VALUE: write_words(to, "false"); break;
        case TRUE_VALUE: write_words(to, "true"); break;
        case NUMBER: write_text(to, &from->bytes); break;
        case STRING: write_string(to, &from->bytes); break;
        case LIST: write_byte(to, '['); write_items(to, from); write_byte(to, ']'); break;
        case OBJECT: write_byte(to, '{'); write_items(to, from); write_byte(to, '}'); break;
        default: write_words(to, "null");
    }
}

at written(writer *to) {
    write_byte(to, 0);
    return heap_take(to->end - to->start);
}
