/* `{"role": …}` or `{"roles": […]}`, `tool`, and, where they are known, `args`, `ctx`, `user.id` and `session.id`.
 *
 * INVARIANT: what is there but of another type is no input. Left out, `args` and `ctx` are empty and ids are missing.
 */
#include "input.h"

#include "text.h"
#include "value.h"

/* What `{}` takes in an input: as much as an object that was left out counts. */
#define EMPTY_SPAN 2

static int is_named(const text *name, const char *wanted) {
    uint32_t index = 0;
    while (index < name->length && wanted[index] && BYTE(name->start + index) == (uint8_t)wanted[index]) index++;
    return index == name->length && !wanted[index];
}

/* The member of that name, or 0. */
static at member(at object, const char *name) {
    const value *from = AT(const value, object);
    for (uint32_t index = 0; index < from->count; index++) {
        at each = AT(const at, from->items)[index];
        if (is_named(&AT(const value, each)->key, name)) return each;
    }
    return 0;
}

static int is_kind(at found, enum kind kind) { return AT(const value, found)->kind == kind; }

/* An object that conditions may read. */
static int read_facts(question *into, enum root root, at found) {
    if (found && !is_kind(found, OBJECT)) return 0;
    into->facts[root] = found;
    into->bytes += found ? AT(const value, found)->span : EMPTY_SPAN;
    return 1;
}

/* The id of a user or of a session. */
static int read_id(question *into, enum root root, at found) {
    at id;
    if (!found) return 1;
    if (!is_kind(found, OBJECT)) return 0;
    id = into->facts[root] = member(found, "id");
    return !id || is_kind(id, STRING);
}

/* One more role that the caller has. */
static void add_role(input *into, const text *name) {
    const policy *own = AT(const policy, memory_policy());
    at found = table_exact(&own->roles, name);
    if (!found) found = own->fallback;
    if (!found) into->unknown = 1;
    for (uint32_t index = 0; index < into->count; index++)
        if (into->roles[index] == found) return;
    if (found) into->roles[into->count++] = found;
}

/* The caller's roles; more than so many distinct names do not count. */
static int add_roles(input *into, const value *names) {
    at distinct[MOST_ROLES];
    uint32_t count = 0;
    for (uint32_t index = 0; index < names->count; index++) {
        at each = AT(const at, names->items)[index];
        uint32_t same = 0;
        if (!is_kind(each, STRING)) return 0;
        if (count == MOST_ROLES) continue;
        while (same < count && !value_equal(distinct[same], each)) same++;
        if (same < count) continue;
        distinct[count++] = each;
        add_role(into, &AT(const value, each)->bytes);
    }
    return 1;
}

static int read_roles(input *into, at only, at several) {
    const policy *own = AT(const policy, memory_policy());
    if (only && several) return 0;
    if (only) {
        if (!is_kind(only, STRING)) return 0;
        add_role(into, &AT(const value, only)->bytes);
        return 1;
    }
    if (several && (!is_kind(several, LIST) || !add_roles(into, AT(const value, several)))) return 0;
    if (several && AT(const value, several)->count) return 1;
    /* Who has no role is asked about as `default`. */
    if (own->fallback) into->roles[into->count++] = own->fallback;
    else into->unknown = 1;
    return 1;
}

int input_read(input *into, at sent) {
    question *about = &into->about;
    at tool;
    *into = (input){0};
    if (!sent || !is_kind(sent, OBJECT)) return 0;
    tool = about->facts[TOOL] = member(sent, "tool");
    if (!tool || !is_kind(tool, STRING)) return 0;
    into->tool = AT(const value, tool)->bytes;
    return read_facts(about, ARGS, member(sent, "args")) && read_facts(about, CTX, member(sent, "ctx")) &&
           read_id(about, USER, member(sent, "user")) && read_id(about, SESSION, member(sent, "session")) &&
           read_roles(into, member(sent, "role"), member(sent, "roles"));
}
