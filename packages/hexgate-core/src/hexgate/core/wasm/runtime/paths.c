#include "paths.h"

#include "text.h"
#include "value.h"

enum code { DONE, INTERNAL, INVALID_TYPE, INVALID_PATH };

/* What is wrong with an object and a path of keys. */
static enum code mistake(at base, at path) {
    const value *from = AT(const value, base), *keys = AT(const value, path);
    if (!base || !path || from->kind != OBJECT || keys->kind != LIST) return INVALID_TYPE;
    if (!keys->count || keys->count > DEEPEST) return INVALID_PATH;
    for (uint32_t index = 0; index < keys->count; index++)
        if (AT(const value, AT(const at, keys->items)[index])->kind != STRING) return INVALID_PATH;
    return DONE;
}

static const text *key_of(at path, uint32_t index) {
    return &AT(const value, AT(const at, AT(const value, path)->items)[index])->bytes;
}

/* Puts a value in the place of the member of that key, or between its neighbours. */
static void put(value *object, const text *key, at member) {
    uint32_t place = value_place(object, key);
    const at *items = AT(const at, object->items);
    at grown;
    AT(value, member)->key = *key;
    if (place < object->count && text_equal(&AT(const value, items[place])->key, key)) {
        AT(at, object->items)[place] = member;
        return;
    }
    grown = heap_take(((uint64_t)object->count + 1) * sizeof(at));
    for (uint32_t index = object->count; index > place; index--) AT(at, grown)[index] = items[index - 1];
    for (uint32_t index = 0; index < place; index++) AT(at, grown)[index] = items[index];
    AT(at, grown)[place] = member;
    object->items = grown;
    object->count++;
}

static at new_object(void) {
    at found = heap_take(sizeof(value));
    *AT(value, found) = (value){.kind = OBJECT, .span = 2};
    return found;
}

/* INVARIANT: where the path cannot be gone, nothing was changed; and no value becomes deeper than what is read. */
int32_t path_add(at base, at path, at added) {
    enum code found = mistake(base, path);
    uint32_t last, span;
    at object = base;
    if (found) return found;
    if (!added) return INVALID_TYPE;
    last = AT(const value, path)->count - 1;
    if (last + 1 + value_depth(added) > DEEPEST) return INVALID_PATH;
    for (uint32_t index = 0; object && index < last; index++) {
        object = value_member(object, key_of(path, index));
        if (object && AT(const value, object)->kind != OBJECT) return INVALID_PATH;
    }
    added = value_copy(added);
    span = AT(const value, added)->kind >= LIST ? AT(const value, added)->span : 0;
    object = base;
    for (uint32_t index = 0; index < last; index++) {
        at next = value_member(object, key_of(path, index));
        if (!next) put(AT(value, object), key_of(path, index), next = new_object());
        AT(value, object)->span += span;
        object = next;
    }
    AT(value, object)->span += span;
    put(AT(value, object), key_of(path, last), added);
    return DONE;
}

int32_t path_remove(at base, at path) {
    enum code found = mistake(base, path);
    uint32_t last, place;
    value *object;
    at *items;
    if (found) return found;
    last = AT(const value, path)->count - 1;
    for (uint32_t index = 0; index < last; index++) {
        base = value_member(base, key_of(path, index));
        if (!base || AT(const value, base)->kind != OBJECT) return INVALID_PATH;
    }
    object = AT(value, base);
    items = AT(at, object->items);
    place = value_place(object, key_of(path, last));
    if (place == object->count || !text_equal(&AT(const value, items[place])->key, key_of(path, last))) return DONE;
    for (object->count--; place < object->count; place++) items[place] = items[place + 1];
    return DONE;
}
