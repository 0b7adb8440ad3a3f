#include "text.h"

uint32_t utf8_length(at place, at end) {
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t head = BYTE(place);
    uint32_t length = head < 0x80 ? 1 : head < 0xc2 ? 0 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : head < 0xf5 ? 4 : 0;
    uint32_t point;
    if (length < 2) return length;
    if (end - place < length) return 0;
    for (uint32_t index = 1; index < length; index++)
        if ((BYTE(place + index) & 0xc0) != 0x80) return 0;
    point = utf8_point(place);
    return point < smallest[length] || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff ? 0 : length;
}

uint32_t utf8_point(at place) {
    uint32_t head = BYTE(place);
    if (head < 0x80) return head;
    if (head < 0xe0) return (head & 0x1f) << 6 | (BYTE(place + 1) & 0x3f);
    if (head < 0xf0) return (head & 0x0f) << 12 | (BYTE(place + 1) & 0x3fu) << 6 | (BYTE(place + 2) & 0x3f);
    return (head & 0x07) << 18 | (BYTE(place + 1) & 0x3fu) << 12 | (BYTE(place + 2) & 0x3fu) << 6 | (BYTE(place + 3) & 0x3f);
}

at utf8_write(at place, uint32_t point) {
    if (point < 0x80) {
        BYTE(place++) = (uint8_t)point;
    } else {
        if (point < 0x800) {
            BYTE(place++) = (uint8_t)(0xc0 | point >> 6);
        } else {
            if (point < 0x10000) {
                BYTE(place++) = (uint8_t)(0xe0 | point >> 12);
            } else {
                BYTE(place++) = (uint8_t)(0xf0 | point >> 18);
                BYTE(place++) = (uint8_t)(0x80 | (point >> 12 & 0x3f));
            }
            BYTE(place++) = (uint8_t)(0x80 | (point >> 6 & 0x3f));
        }
        BYTE(place++) = (uint8_t)(0x80 | (point & 0x3f));
    }
    return place;
}

static int bytes_compare(at left, at right, uint32_t length) {
    const uint8_t *one = AT(const uint8_t, left), *other = AT(const uint8_t, right);
    for (uint32_t index = 0; index < length; index++)
        if (one[index] != other[index]) return one[index] - other[index];
    return 0;
}

int text_compare(const text *left, const text *right) {
    uint32_t shorter = left->length < right->length ? left->length : right->length;
    int found = bytes_compare(left->start, right->start, shorter);
    if (found) return found;
    return left->length < right->length ? -1 : left->length > right->length;
}

int text_equal(const text *left, const text *right) {
    return left->length == right->length && !bytes_compare(left->start, right->start, left->length);
}

int text_starts(const text *whole, const text *part) {
    return part->length <= whole->length && !bytes_compare(whole->start, part->start, part->length);
}

int text_ends(const text *whole, const text *part) {
    return part->length <= whole->length &&
           !bytes_compare(whole->start + (whole->length - part->length), part->start, part->length);
}

/* The search of Knuth, Morris and Pratt: how much of the part still fits where it ceases to fit is worked out once. */
int text_contains(const text *whole, const text *part) {
    at mark = heap_mark();
    uint32_t fits = 0, *borders;
    if (part->length > whole->length) return 0;
    if (!part->length) return 1;
    borders = AT(uint32_t, heap_take((uint64_t)part->length * sizeof(uint32_t)));
    borders[0] = 0;
    for (uint32_t index = 1; index < part->length; index++) {
        while (fits && BYTE(part->start + index) != BYTE(part->start + fits)) fits = borders[fits - 1];
        if (BYTE(part->start + index) == BYTE(part->start + fits)) fits++;
        borders[index] = fits;
    }
    fits = 0;
    for (uint32_t index = 0; index < whole->length && fits < part->length; index++) {
        while (fits && BYTE(whole->start + index) != BYTE(part->start + fits)) fits = borders[fits - 1];
        if (BYTE(whole->start + index) == BYTE(part->start + fits)) fits++;
    }
    heap_release(mark);
    return fits == part->length;
}

uint32_t text_count(const text *whole) {
    uint32_t found = 0;
    for (uint32_t index = 0; index < whole->length; index++) found += (BYTE(whole->start + index) & 0xc0) != 0x80;
    return found;
}

static uint32_t point_lower(uint32_t point) {
    const policy *own = AT(const policy, memory_policy());
    const run *runs = AT(const run, own->lower);
    uint32_t low = 0, high = own->lower_count;
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (runs[middle].first <= point) low = middle + 1;
        else high = middle;
    }
    if (!low || runs[low - 1].last < point || (point - runs[low - 1].first) % runs[low - 1].step) return point;
    return point + (uint32_t)runs[low - 1].distance;
}

text text_lower(const text *whole) {
    at end = whole->start + whole->length, to;
    text found;
    /* A character of 2 bytes may become one of 3, none grows more. */
    to = found.start = heap_take((uint64_t)whole->length * 3 / 2 + 1);
    for (at place = whole->start; place < end;) {
        uint32_t point = utf8_point(place);
        place += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        to = utf8_write(to, point_lower(point));
    }
    found.length = to - found.start;
    return found;
}

at table_floor(const table *where, const text *name) {
    const entry *entries = AT(const entry, where->entries);
    uint32_t low = 0, high = where->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (text_compare(&entries[middle].name, name) <= 0) low = middle + 1;
        else high = middle;
    }
    return low ? ADDRESS(entries + (low - 1)) : 0;
}

at table_exact(const table *where, const text *name) {
    at found = table_floor(where, name);
    return found && text_equal(&AT(const entry, found)->name, name) ? AT(const entry, found)->found : 0;
}

/* Every name that stands between a beginning of `name` and `name` itself has that beginning, so the beginnings of `name` are the
 * floor and its parents, as far as they fit. */
at table_prefix(const table *where, const text *name) {
    at found = table_floor(where, name);
    while (found && !text_starts(name, &AT(const entry, found)->name)) found = AT(const entry, found)->parent;
    return found;
}
