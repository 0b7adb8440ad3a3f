/* JSON as its standard has it, and no more: what is doubtful is refused, so that nobody else can read it in another way. */
#include "parse.h"

#include "number.h"
#include "text.h"
#include "value.h"

typedef struct {
    at place;
    at end;
    uint32_t depth;
} reader;

static at read_value(reader *from);

static int byte_at(const reader *from) { return from->place < from->end ? BYTE(from->place) : -1; }

static int after_space(reader *from) {
    for (;;) {
        int found = byte_at(from);
        if (found != ' ' && found != '\n' && found != '\r' && found != '\t') return found;
        from->place++;
    }
}

/* The four hexadecimal digits at `place`, or -1. */
static int32_t hexadecimal(at place, at end) {
    int32_t found = 0;
    if (end - place < 4) return -1;
    for (at last = place + 4; place < last; place++) {
        int digit = BYTE(place), lower = digit | 0x20;
        if (digit >= '0' && digit <= '9') found = found << 4 | (digit - '0');
        else if (lower >= 'a' && lower <= 'f') found = found << 4 | (lower - 'a' + 10);
        else return -1;
    }
    return found;
}

/* What the escape behind a backslash at `*place` stands for, or -1; half of a surrogate pair is none. */
static int32_t unescaped(at *place, at end) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int32_t point, low;
    uint8_t found = BYTE((*place)++);
    if (found != 'u') {
        for (int index = 0; from[index]; index++)
            if (found == (uint8_t)from[index]) return to[index];
        return -1;
    }
    point = hexadecimal(*place, end);
    *place += 4;
    if (point < 0xd800 || point > 0xdfff) return point;
    if (point > 0xdbff || end - *place < 6 || BYTE(*place) != '\\' || BYTE(*place + 1) != 'u') return -1;
    low = hexadecimal(*place + 2, end);
    *place += 6;
    return low < 0xdc00 || low > 0xdfff ? -1 : 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
}

/* A copy of a string's inside with its escapes replaced; no escape is shorter than what it stands for. */
static int without_escapes(text *found) {
    at place = found->start, end = place + found->length, start = heap_take(found->length), to = start;
    while (place < end) {
        int32_t point = BYTE(place++);
        if (point != '\\') {
            BYTE(to++) = (uint8_t)point;
            continue;
        }
        point = unescaped(&place, end);
        if (point < 0) return 0;
        to = utf8_write(to, (uint32_t)point);
    }
    found->start = start;
    found->length = to - start;
    return 1;
}

/* The string whose opening quote was passed. Without escapes it stays where it is. */
static int read_string(reader *from, text *found) {
    int escaped = 0;
    found->start = from->place;
    for (;;) {
        int byte = byte_at(from);
        if (byte < ' ') return 0;
        if (byte == '"') break;
        if (byte == '\\') {
            escaped = 1;
            if (++from->place == from->end) return 0;
            /* What is escaped is looked at below; here it counts that a quote does not end the string. */
            byte = BYTE(from->place);
            if (byte >= 0x80) return 0;
        }
        if (byte < 0x80) {
            from->place++;
        } else {
            uint32_t length = utf8_length(from->place, from->end);
            if (!length) return 0;
            from->place += length;
        }
    }
    found->length = from->place++ - found->start;
    return !escaped || without_escapes(found);
}

/* The values that were read one after the other, as items of their container. */
static void collect(value *container, at first) {
    at items = heap_take((uint64_t)container->count * sizeof(at));
    container->items = items;
    for (at each = first; each; each = AT(const value, each)->next, items += sizeof(at)) *AT(at, items) = each;
}

/* Merges two sorted runs, [from, middle) and [middle, to); of equal keys the one of the left run comes first. */
static void merge(const at *items, at *sorted, uint32_t from, uint32_t middle, uint32_t to) {
    uint32_t left = from, right = middle;
    for (uint32_t place = from; place < to; place++) {
        int take_left = right == to || (left < middle && text_compare(&AT(const value, items[left])->key,
                                                                      &AT(const value, items[right])->key) <= 0);
        sorted[place] = take_left ? items[left++] : items[right++];
    }
}

/* Sorts the members of an object by their keys, in n log n steps whatever their order, and keeps the last of equal keys. */
static void sort_members(value *object) {
    at mark = heap_mark();
    uint32_t count = object->count, kept = 0;
    at *own = AT(at, object->items), *items = own, *sorted = AT(at, heap_take((uint64_t)count * sizeof(at)));
    for (uint64_t width = 1; width < count; width *= 2) {
        at *swap = items;
        for (uint64_t from = 0; from < count; from += 2 * width) {
            uint64_t middle = from + width < count ? from + width : count, to = middle + width < count ? middle + width : count;
            merge(items, sorted, (uint32_t)from, (uint32_t)middle, (uint32_t)to);
        }
        items = sorted;
        sorted = swap;
    }
    for (uint32_t index = 0; index < count; index++) {
        at next = index + 1 < count ? items[index + 1] : 0;
        if (next && text_equal(&AT(const value, items[index])->key, &AT(const value, next)->key)) continue;
        /* Never behind what is still to be read. */
        own[kept++] = items[index];
    }
    object->count = kept;
    heap_release(mark);
}

/* One more value of a container, behind the last one. */
static void append(value *container, at *first, at *last, at found) {
    if (*last) AT(value, *last)->next = found;
    else *first = found;
    *last = found;
    container->count++;
}

/* The list whose opening bracket was passed. */
static int read_list(reader *from, value *list) {
    at first = 0, last = 0;
    int byte = after_space(from);
    while (byte != ']') {
        at found = read_value(from);
        if (!found) return 0;
        append(list, &first, &last, found);
        byte = after_space(from);
        if (byte == ']') break;
        /* A value must follow, so a comma before the bracket is refused. */
        if (byte != ',') return 0;
        from->place++;
    }
    from->place++;
    collect(list, first);
    return 1;
}

/* The object whose opening brace was passed. */
static int read_object(reader *from, value *object) {
    at first = 0, last = 0;
    int sorted = 1, byte = after_space(from);
    while (byte != '}') {
        text key;
        at found;
        if (byte != '"') return 0;
        from->place++;
        if (!read_string(from, &key) || after_space(from) != ':') return 0;
        from->place++;
        found = read_value(from);
        if (!found) return 0;
        AT(value, found)->key = key;
        sorted = sorted && (!last || text_compare(&AT(const value, last)->key, &key) < 0);
        append(object, &first, &last, found);
        byte = after_space(from);
        if (byte == ',') {
            from->place++;
            byte = after_space(from);
            if (byte != '"') return 0;
        } else if (byte != '}') {
            return 0;
        }
    }
    from->place++;
    collect(object, first);
    if (!sorted) sort_members(object);
    return 1;
}

static int read_container(reader *from, value *into, int is_object) {
    at start = from->place++;
    int read;
    if (from->depth == DEEPEST) return 0;
    from->depth++;
    into->kind = is_object ? OBJECT : LIST;
    into->count = 0;
    read = is_object ? read_object(from, into) : read_list(from, into);
    from->depth--;
    into->span = from->place - start;
    return read;
}

static int read_word(reader *from, value *into, enum kind kind, const char *word) {
    for (; *word; word++, from->place++)
        if (byte_at(from) != (uint8_t)*word) return 0;
    into->kind = (uint8_t)kind;
    return 1;
}

static int read_into(reader *from, value *into) {
    int byte = after_space(from);
    switch (byte) {
        case '{': return read_container(from, into, 1);
        case '[': return read_container(from, into, 0);
        case '"': into->kind = STRING; from->place++; return read_string(from, &into->bytes);
        case 't': return read_word(from, into, TRUE_VALUE, "true");
        case 'f': return read_word(from, into, FALSE_VALUE, "false");
        case 'n': return read_word(from, into, NULL_VALUE, "null");
        default: from->place = number_read(from->place, from->end, into); return from->place != 0;
    }
}

static at read_value(reader *from) {
    at found = heap_take(sizeof(value));
    AT(value, found)->next = 0;
    return read_into(from, AT(value, found)) ? found : 0;
}

at json_parse(at start, uint32_t length) {
    reader from = {start, start + length, 0};
    at found = read_value(&from);
    return found && after_space(&from) < 0 ? found : 0;
}
