#include "number.h"

/* Beyond it no two numbers are compared: the input is refused. */
#define LARGEST_EXPONENT 100000000

static int is_digit(at place, at end) { return place < end && (uint8_t)(BYTE(place) - '0') < 10; }

static at after_digits(at place, at end) {
    while (is_digit(place, end)) place++;
    return place;
}

/* The place of the first digit from 1 to 9, or `end`. */
static at first_digit(at place, at end) {
    while (place < end && (BYTE(place) == '0' || BYTE(place) == '.')) place++;
    return place;
}

/* Reads the exponent whose `e` stands at `place`; 0 where it is none, or too large. */
static at exponent_read(at place, at end, int32_t *exponent) {
    int negative = 0;
    int32_t found = 0;
    place++;
    if (place < end && (BYTE(place) == '+' || BYTE(place) == '-')) negative = BYTE(place++) == '-';
    if (!is_digit(place, end)) return 0;
    for (; is_digit(place, end); place++) {
        found = found * 10 + (BYTE(place) - '0');
        if (found > LARGEST_EXPONENT) return 0;
    }
    *exponent = negative ? -found : found;
    return place;
}

at number_read(at start, at end, value *into) {
    at place = start, whole, point, digits, first;
    int32_t exponent = 0;
    int negative = place < end && BYTE(place) == '-';
    place = whole = start + (at)negative;
    if (!is_digit(place, end)) return 0;
    point = place = BYTE(place) == '0' ? place + 1 : after_digits(place, end);
    if (is_digit(place, end)) return 0;
    if (place < end && BYTE(place) == '.') {
        if (!is_digit(place + 1, end)) return 0;
        place = after_digits(place + 1, end);
    }
    digits = place;
    if (place < end && (BYTE(place) | 0x20) == 'e') place = exponent_read(place, end, &exponent);
    if (!place) return 0;
    first = first_digit(whole, digits);
    into->kind = NUMBER;
    into->sign = first == digits ? 0 : negative ? -1 : 1;
    into->bytes.start = start;
    into->bytes.length = place - start;
    into->first = first - start;
    /* 0.07 begins two places behind the point, 700 two places before the last of its whole digits. */
    into->exponent = exponent + (first < point ? (int32_t)(point - first) - 1 : -(int32_t)(first - point));
    return place;
}

at number_of(uint32_t whole) {
    at found = heap_take(sizeof(value)), place = heap_take(16) + 16, end = place;
    do BYTE(--place) = (uint8_t)('0' + whole % 10);
    while (whole /= 10);
    number_read(place, end, AT(value, found));
    return found;
}

/* The next digit of a number, or -1 behind the last one. */
static int next_digit(at *place, at end) {
    if (*place < end && BYTE(*place) == '.') ++*place;
    return is_digit(*place, end) ? BYTE((*place)++) - '0' : -1;
}

/* Two numbers whose first digits have the same worth. */
static int digits_compare(const value *left, const value *right) {
    at one = left->bytes.start + left->first, one_end = left->bytes.start + left->bytes.length;
    at other = right->bytes.start + right->first, other_end = right->bytes.start + right->bytes.length;
    for (;;) {
        int a = next_digit(&one, one_end), b = next_digit(&other, other_end);
        if (a < 0 && b < 0) return 0;
        /* Behind the last digit there are zeros. */
        if (a < 0) a = 0;
        if (b < 0) b = 0;
        if (a != b) return a - b;
    }
}

int number_compare(const value *left, const value *right) {
    if (left->sign != right->sign) return left->sign - right->sign;
    if (left->sign == 0) return 0;
    if (left->exponent != right->exponent) return (left->exponent < right->exponent) == (left->sign > 0) ? -1 : 1;
    return digits_compare(left, right) * left->sign;
}
