#include "names.h"

#include "text.h"

static int is_letter(uint8_t byte) { return (uint8_t)((byte | 0x20) - 'a') < 26; }

static int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

static int is_drive(at place, at end) { return end - place >= 2 && is_letter(BYTE(place)) && BYTE(place + 1) == ':'; }

/* Whether a segment is `.` or `..`. */
static int is_dots(at start, at end) {
    return end - start <= 2 && BYTE(start) == '.' && (end - start == 1 || BYTE(start + 1) == '.');
}

/* Whether a character may stand in a path: no backslash, no control character, of which C2 80 to C2 9F are half. */
static int is_clean(at place, at end) {
    uint8_t byte = BYTE(place);
    if (byte == 0xc2 && end - place > 1) return BYTE(place + 1) >= 0xa0;
    return byte >= ' ' && byte != '\\' && byte != 0x7f;
}

/* Whether this is segments joined by `/`, none of them empty, `.` or `..`. */
static int are_segments(at place, at end) {
    for (;;) {
        at start = place;
        while (place < end && BYTE(place) != '/') {
            if (!is_clean(place, end)) return 0;
            place++;
        }
        if (place == start || is_dots(start, place)) return 0;
        if (place == end) return 1;
        place++;
    }
}

int path_normal(const text *path, int absolute, text *normal) {
    at start = path->start, end = start + path->length, below;
    int dotted = path->length >= 2 && BYTE(start) == '.' && BYTE(start + 1) == '/';
    if (dotted) start += 2;
    /* A drive letter makes a path absolute, and must not hide behind `./` either. */
    if ((dotted || !absolute) && is_drive(start, end)) return 0;
    below = absolute && !dotted && start < end && BYTE(start) == '/' ? start + 1 : start;
    if (!are_segments(below, end)) return 0;
    normal->start = start;
    normal->length = end - start;
    return 1;
}

/* The place behind `http://` or `https://`, in any case, or 0. */
static at after_scheme(at place, at end) {
    static const char scheme[] = "http";
    for (int index = 0; index < 4; index++, place++)
        if (place == end || (BYTE(place) | 0x20) != scheme[index]) return 0;
    if (place < end && (BYTE(place) | 0x20) == 's') place++;
    return end - place >= 3 && BYTE(place) == ':' && BYTE(place + 1) == '/' && BYTE(place + 2) == '/' ? place + 3 : 0;
}

/* The place behind labels that are joined by dots, or 0. */
static at after_labels(at place, at end) {
    for (;;) {
        at start = place;
        while (place < end && (is_letter(BYTE(place)) || is_digit(BYTE(place)) || BYTE(place) == '-' || BYTE(place) == '_'))
            place++;
        if (place == start) return 0;
        if (place == end || BYTE(place) != '.') return place;
        place++;
    }
}

/* The place behind the bracket that closes an IPv6 address, or 0. */
static at after_brackets(at place, at end) {
    at start = ++place;
    for (; place < end && BYTE(place) != ']'; place++) {
        uint8_t byte = BYTE(place);
        if (!is_digit(byte) && (uint8_t)((byte | 0x20) - 'a') > 5 && byte != ':' && byte != '.') return 0;
    }
    return place == end || place == start ? 0 : place + 1;
}

/* Whether a code point is white space, a control character or a backslash, so that it stands in no URL. */
static int is_foreign(uint32_t point) {
    return point <= 0x20 || point == '\\' || (point >= 0x7f && point <= 0xa0) || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
           point == 0x205f || point == 0x3000;
}

/* Whether nothing foreign stands behind the host and the port. */
static int is_rest(at place, at end) {
    if (place == end) return 1;
    if (BYTE(place) != '/' && BYTE(place) != '?' && BYTE(place) != '#') return 0;
    for (place++; place < end; place += utf8_length(place, end))
        if (is_foreign(utf8_point(place))) return 0;
    return 1;
}

int url_host(const text *url, text *host) {
    at end = url->start + url->length, start = after_scheme(url->start, end), place, to;
    if (!start || start == end) return 0;
    to = place = BYTE(start) == '[' ? after_brackets(start, end) : after_labels(start, end);
    if (!place) return 0;
    if (place < end && BYTE(place) == ':')
        for (place++; place < end && is_digit(BYTE(place));) place++;
    if (!is_rest(place, end)) return 0;
    host->length = to - start;
    host->start = heap_take(host->length);
    for (uint32_t index = 0; index < host->length; index++) {
        uint8_t byte = BYTE(start + index);
        BYTE(host->start + index) = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
    }
    return 1;
}
