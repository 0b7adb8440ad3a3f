#include "value.h"

#include "number.h"
#include "text.h"

static at item(const value *container, uint32_t index) { return AT(const at, container->items)[index]; }

uint32_t value_place(const value *object, const text *key) {
    uint32_t low = 0, high = object->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (text_compare(&AT(const value, item(object, middle))->key, key) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

at value_member(at object, const text *key) {
    const value *from = AT(const value, object);
    uint32_t place;
    if (!object || from->kind != OBJECT) return 0;
    place = value_place(from, key);
    if (place == from->count || !text_equal(&AT(const value, item(from, place))->key, key)) return 0;
    return item(from, place);
}

at value_element(at list, uint32_t index) {
    const value *from = AT(const value, list);
    return list && from->kind == LIST && index < from->count ? item(from, index) : 0;
}

static int containers_compare(const value *left, const value *right) {
    if (left->count != right->count) return left->count < right->count ? -1 : 1;
    for (uint32_t index = 0; index < left->count; index++) {
        at one = item(left, index), other = item(right, index);
        int found = left->kind == OBJECT ? text_compare(&AT(const value, one)->key, &AT(const value, other)->key) : 0;
        if (!found) found = value_compare(one, other);
        if (found) return found;
    }
    return 0;
}

int value_compare(at left, at right) {
    const value *one = AT(const value, left), *other = AT(const value, right);
    if (one->kind != other->kind) return one->kind - other->kind;
    switch (one->kind) {
        case NUMBER: return number_compare(one, other);
        case STRING: return text_compare(&one->bytes, &other->bytes);
        case LIST:
        case OBJECT: return containers_compare(one, other);
        default: return 0;
    }
}

int value_equal(at left, at right) {
    const value *one = AT(const value, left), *other = AT(const value, right);
    if (one->kind == STRING && other->kind == STRING) return text_equal(&one->bytes, &other->bytes);
    return !value_compare(left, right);
}

int value_among(at found, at sorted, uint32_t count) {
    const at *items = AT(const at, sorted);
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = value_compare(items[middle], found);
        if (!order) return 1;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return 0;
}

uint32_t value_depth(at found) {
    const value *from = AT(const value, found);
    uint32_t deepest = 0;
    if (from->kind < LIST) return 0;
    for (uint32_t index = 0; index < from->count; index++) {
        uint32_t depth = value_depth(item(from, index));
        if (depth > deepest) deepest = depth;
    }
    return deepest + 1;
}

at value_copy(at found) {
    const value *from = AT(const value, found);
    at to = heap_take(sizeof(value));
    *AT(value, to) = *from;
    if (from->kind >= LIST) {
        at items = heap_take((uint64_t)from->count * sizeof(at));
        AT(value, to)->items = items;
        for (uint32_t index = 0; index < from->count; index++) AT(at, items)[index] = value_copy(item(from, index));
    }
    return to;
}
