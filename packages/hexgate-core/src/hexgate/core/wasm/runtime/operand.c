#include "operand.h"

#include "number.h"
#include "text.h"
#include "value.h"

static at path_value(const question *about, const operand *path) {
    const step *steps = AT(const step, path->second);
    at found = about->facts[path->first];
    for (uint32_t index = 0; found && index < path->third; index++)
        found = steps[index].key ? value_member(found, AT(const text, steps[index].key))
                                 : value_element(found, steps[index].index);
    return found;
}

static at count_of(at found) {
    const value *from = AT(const value, found);
    if (!found || from->kind < STRING) return 0;
    return number_of(from->kind == STRING ? text_count(&from->bytes) : from->count);
}

static at lower_of(at found) {
    at lowered;
    if (!found || AT(const value, found)->kind != STRING) return 0;
    lowered = heap_take(sizeof(value));
    AT(value, lowered)->kind = STRING;
    AT(value, lowered)->bytes = text_lower(&AT(const value, found)->bytes);
    return lowered;
}

at operand_value(const question *about, at asked) {
    const operand *from = AT(const operand, asked);
    switch (BYTE(asked)) {
        case PATH: return path_value(about, from);
        case COUNT_OF: return count_of(operand_value(about, from->first));
        case LOWER_OF: return lower_of(operand_value(about, from->first));
        default: return asked;
    }
}

const text *operand_text(const question *about, at asked) {
    at found = operand_value(about, asked);
    return found && AT(const value, found)->kind == STRING ? &AT(const value, found)->bytes : 0;
}
