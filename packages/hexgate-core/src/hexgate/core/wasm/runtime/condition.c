/* A leaf answers whether it is known and is what is wanted; `all`, `any of` and loops join such answers, and need no `not`.
 *
 * INVARIANT: a leaf does not hold when something that it reads is missing or of the wrong type, whatever is wanted.
 */
#include "condition.h"

#include "names.h"
#include "number.h"
#include "operand.h"
#include "regex.h"
#include "text.h"
#include "value.h"

/* Of all loops of a constraint together, as program/work.py has it. */
#define MOST_LOOP_WORK ((int64_t)1 << 24)

static int compare(const question *about, const condition *leaf) {
    at left = operand_value(about, leaf->first), right = operand_value(about, leaf->second);
    int order;
    if (!left || !right) return 0;
    if (leaf->third <= UNEQUAL) return value_equal(left, right) == (leaf->third == EQUAL);
    if (AT(const value, left)->kind != AT(const value, right)->kind) return 0;
    if (AT(const value, left)->kind != NUMBER && AT(const value, left)->kind != STRING) return 0;
    order = value_compare(left, right);
    switch (leaf->third) {
        case LESS: return order < 0;
        case LESS_OR_EQUAL: return order <= 0;
        case GREATER: return order > 0;
        default: return order >= 0;
    }
}

static int is_in_value(const question *about, const condition *leaf) {
    at found = operand_value(about, leaf->first), members = operand_value(about, leaf->second);
    const value *list = AT(const value, members);
    if (!found || !members || list->kind != LIST) return 0;
    for (uint32_t index = 0; index < list->count; index++)
        if (value_equal(found, AT(const at, list->items)[index])) return leaf->wanted != 0;
    return !leaf->wanted;
}

static int is_in_constants(const question *about, const condition *leaf) {
    at found = operand_value(about, leaf->first);
    return found && value_among(found, leaf->second, leaf->third) == (int)leaf->wanted;
}

static int text_test(const question *about, const condition *leaf) {
    const text *whole = operand_text(about, leaf->first), *part = operand_text(about, leaf->second);
    int found;
    if (!whole || !part) return 0;
    found = leaf->kind == STARTS ? text_starts(whole, part) : leaf->kind == ENDS ? text_ends(whole, part) : text_contains(whole, part);
    return found == (int)leaf->wanted;
}

static int is_found(at words, const text *in) {
    const uint32_t *automaton = AT(const uint32_t, words);
    at mark = heap_mark(), scratch = heap_take(regex_scratch(automaton));
    int found = regex_search(automaton, AT(const uint8_t, in->start), in->length, AT(void, scratch));
    heap_release(mark);
    return found != 0;
}

static int matches(question *about, const condition *leaf) {
    const text *found = operand_text(about, leaf->first);
    if (!found) return 0;
    if (found->length > leaf->third) {
        about->exceeded = 1;
        return 0;
    }
    return is_found(leaf->second, found) == (int)leaf->wanted;
}

/* Whether a normal path is one of the directories or lies below one. Every absolute path lies below `/`. */
static int lies_within(const table *directories, const text *path) {
    for (at each = table_prefix(directories, path); each; each = AT(const entry, each)->parent) {
        const text *directory = &AT(const entry, each)->name;
        uint8_t last = BYTE(directory->start + directory->length - 1);
        if (!text_starts(path, directory)) return 0;
        if (path->length == directory->length || BYTE(path->start + directory->length) == '/' || last == '/') return 1;
    }
    return 0;
}

static int is_within(const question *about, const condition *leaf) {
    const text *path = operand_text(about, leaf->first);
    text normal;
    if (!path) return 0;
    return (path_normal(path, 1, &normal) && lies_within(AT(const table, leaf->second), &normal)) == (int)leaf->wanted;
}

/* Whether a host ends in one of the endings, each of which begins with a dot. */
static int ends_in(const table *endings, const text *host) {
    for (uint32_t index = 0; index < host->length; index++) {
        text rest = {host->start + index, host->length - index};
        if (BYTE(rest.start) == '.' && table_exact(endings, &rest)) return 1;
    }
    return 0;
}

static int host_is_in(const question *about, const condition *leaf) {
    const text *url = operand_text(about, leaf->first);
    text host;
    int found;
    if (!url) return 0;
    found = url_host(url, &host) &&
            (table_exact(AT(const table, leaf->second), &host) || ends_in(AT(const table, leaf->third), &host));
    return found == (int)leaf->wanted;
}

static int any_found(const automata *patterns, const text *path) {
    for (uint32_t index = 0; index < patterns->count; index++)
        if (is_found(AT(const at, patterns->items)[index], path)) return 1;
    return 0;
}

static int is_in_scope(const question *about, const condition *leaf) {
    const text *path = operand_text(about, leaf->first);
    text normal;
    int found;
    if (!path) return 0;
    found = path_normal(path, 0, &normal) &&
            (!leaf->second || any_found(AT(const automata, leaf->second), &normal)) &&
            !any_found(AT(const automata, leaf->third), &normal);
    return found == (int)leaf->wanted;
}

static int leaf_holds(question *about, const condition *leaf) {
    switch (leaf->kind) {
        case COMPARE: return compare(about, leaf);
        case IN_VALUE: return is_in_value(about, leaf);
        case IN_CONSTANTS: return is_in_constants(about, leaf);
        case STARTS:
        case ENDS:
        case CONTAINS: return text_test(about, leaf);
        case MATCHES: return matches(about, leaf);
        case WITHIN: return is_within(about, leaf);
        case HOST_IN: return host_is_in(about, leaf);
        case EXISTS: return (operand_value(about, leaf->first) != 0) == (int)leaf->wanted;
        default: return is_in_scope(about, leaf);
    }
}

static int joined(question *about, const condition *asked) {
    const at *items = AT(const at, asked->first);
    int wanted = asked->kind == ANY_OF;
    for (uint32_t index = 0; index < asked->second && !about->exceeded; index++)
        if (holds(about, items[index]) == wanted) return wanted;
    return !wanted;
}

/* Takes a loop's turns from what is left, each with all bytes of the question if the body may look at them. */
static void take_turns(question *about, const condition *loop, uint32_t turns) {
    int64_t work = (int64_t)loop->fourth + (loop->third & WHOLE_CALL ? about->bytes : 0);
    if (!(loop->third & INSIDE)) about->work_left = MOST_LOOP_WORK;
    about->work_left -= work * turns;
    if (about->work_left < 0) about->exceeded = 1;
}

static int looped(question *about, const condition *loop) {
    at list = operand_value(about, loop->first), outer = about->facts[ITEM];
    const value *from = AT(const value, list);
    int wanted = loop->kind == ANY, found = !wanted;
    if (!list || from->kind != LIST) return 0;
    if (loop->third & COUNTS) take_turns(about, loop, from->count);
    for (uint32_t index = 0; index < from->count && found != wanted && !about->exceeded; index++) {
        about->facts[ITEM] = AT(const at, from->items)[index];
        found = holds(about, loop->second);
    }
    about->facts[ITEM] = outer;
    return found;
}

int holds(question *about, at asked) {
    const condition *from = AT(const condition, asked);
    if (from->kind <= ANY_OF) return joined(about, from);
    if (from->kind <= ANY) return looped(about, from);
    at mark = heap_mark();
    int found = leaf_holds(about, from);
    /* What a leaf made, a text in lower case or a number, nobody asks for again. */
    heap_release(mark);
    return found;
}
