/* What each role says, and what becomes of it.
 *
 * INVARIANT: an answer allows, or asks for an approval, only where a role's rule says so and all of its checks hold.
 */
#include "decide.h"

#include "input.h"
#include "print.h"
#include "text.h"

/* What one role says: the rule that it found, and those of its checks that do not hold. */
typedef struct {
    const role *role;
    const rule *rule;
    at failed;
    uint32_t count;
} answer;

typedef struct {
    answer of[MOST_ROLES];
    uint32_t count;
} answers;

/* What is written into an answer beside its violations. */
typedef struct {
    const answer *by;
    const char *fault;
    enum mode mode;
    uint32_t monitor;
} verdict;

static const rule *rule_for(const role *from, const text *tool) {
    at found = table_exact(&from->exact, tool), prefix;
    if (found) return AT(const rule, found);
    prefix = table_prefix(&from->prefixes, tool);
    return AT(const rule, prefix ? AT(const entry, prefix)->found : from->rest);
}

static int is_explicit(const rule *of) { return of->mode == DENY && of->listed; }

static int is_denial(const answer *of) { return of->rule->mode == DENY || of->count; }

/* Every check is asked, so that the answer names all that do not hold. */
static void ask(answer *into, question *about) {
    const check *checks = (const check *)(into->rule + 1);
    into->failed = heap_take((uint64_t)into->rule->count * sizeof(at));
    for (uint32_t index = 0; index < into->rule->count && !about->exceeded; index++)
        if (!holds(about, checks[index].condition)) AT(at, into->failed)[into->count++] = ADDRESS(checks + index);
}

static void ask_role(answer *into, input *from, at asked) {
    into->role = AT(const role, asked);
    into->rule = rule_for(into->role, &from->tool);
    into->failed = into->count = 0;
    from->about.facts[ROLE] = into->role->name;
    if (into->rule->count) ask(into, &from->about);
}

/* The first answer that says what is wanted: the rule of `mode` whose checks hold, or for DENY an explicit denial. */
static const answer *first(const answers *all, enum mode mode) {
    for (uint32_t index = 0; index < all->count; index++) {
        const answer *each = &all->of[index];
        if (mode == DENY ? is_explicit(each->rule) : each->rule->mode == mode && !each->count) return each;
    }
    return 0;
}

/* Two denials together are monitored when both are, and until the earlier day. */
static uint32_t together(uint32_t one, uint32_t other) {
    if (!one || !other) return 0;
    if (one == 1) return other;
    if (other == 1) return one;
    return text_compare(AT(const text, one), AT(const text, other)) <= 0 ? one : other;
}

static verdict denied(const answers *all, const answer *explicit, uint32_t monitor) {
    verdict found = {explicit, 0, DENY, monitor};
    for (uint32_t index = 0; index < all->count; index++) {
        const answer *each = &all->of[index];
        if (!is_denial(each)) continue;
        if (!found.by) found.by = each;
        found.monitor = together(found.monitor, each->rule->monitor);
    }
    return found;
}

static verdict settled(const answers *all, int unknown) {
    uint32_t own = AT(const policy, memory_policy())->monitor;
    const answer *explicit = first(all, DENY), *allowing = 0, *asking = 0;
    verdict none = {0, 0, DENY, own};
    if (!all->count) return none;
    if (!explicit) allowing = first(all, ALLOW);
    if (!explicit && !allowing) asking = first(all, ASK);
    if (allowing) return (verdict){allowing, 0, ALLOW, 0};
    if (asking) return (verdict){asking, 0, ASK, asking->rule->monitor};
    /* A role that the policy does not know is denied everything, by the document. */
    return denied(all, explicit, unknown ? own : 1);
}

static void write_flag(writer *to, int flag) { write_words(to, flag ? "true" : "false"); }

static void write_shown(writer *to, at shown) {
    if (shown) write_text(to, AT(const text, shown));
    else write_words(to, "null");
}

/* The texts of all checks that do not hold, each once. */
static void write_violations(writer *to, const answers *all, at seen) {
    int several = 0;
    for (uint32_t index = 0; index < all->count; index++) {
        const answer *each = &all->of[index];
        for (uint32_t place = 0; place < each->count; place++) {
            const check *failed = AT(const check, AT(const at, each->failed)[place]);
            uint8_t *mark = &BYTE(seen + failed->number / 8), bit = (uint8_t)(1 << failed->number % 8);
            if (*mark & bit) continue;
            *mark |= bit;
            if (several++) write_byte(to, ',');
            write_text(to, AT(const text, failed->shown));
        }
    }
}

/* A bit for each text that a violation may have; 0 where there is no violation. */
static at unseen(const answers *all) {
    uint32_t failed = 0, size = AT(const policy, memory_policy())->violations / 8 + 1;
    at found;
    for (uint32_t index = 0; index < all->count; index++) failed += all->of[index].count;
    if (!failed) return 0;
    found = heap_take(size);
    __builtin_memset(AT(uint8_t, found), 0, size);
    return found;
}

static void write_monitor(writer *to, uint32_t monitor) {
    if (monitor <= 1) write_flag(to, (int)monitor);
    else write_shown(to, monitor);
}

/* The keys of an answer in their order. */
static at answer_text(const verdict *of, const answers *all, const char *violation) {
    at seen = of->mode == DENY ? unseen(all) : 0;
    writer to = writing();
    write_words(&to, "[{\"result\":{\"allow\":");
    write_flag(&to, of->mode == ALLOW);
    write_words(&to, ",\"approvers\":");
    write_shown(&to, of->mode == ASK ? of->by->rule->approvers : 0);
    write_words(&to, ",\"deciding_role\":");
    write_shown(&to, of->by ? of->by->role->shown : 0);
    write_words(&to, ",\"explicit_deny\":");
    write_flag(&to, of->by && is_explicit(of->by->rule));
    if (of->fault) {
        write_words(&to, ",\"fault\":\"");
        write_words(&to, of->fault);
        write_byte(&to, '"');
    }
    write_words(&to, ",\"monitor\":");
    write_monitor(&to, of->monitor);
    write_words(&to, ",\"requires_approval\":");
    write_flag(&to, of->mode == ASK);
    write_words(&to, ",\"violations\":[");
    if (seen) write_violations(&to, all, seen);
    if (violation) write_words(&to, violation);
    write_words(&to, "]}}]");
    return written(&to);
}

static at fault(const char *name, const char *violation) {
    answers none = {.count = 0};
    verdict of = {0, name, DENY, 0};
    return answer_text(&of, &none, violation);
}

at decide(at sent) {
    input from;
    answers all = {.count = 0};
    verdict of;
    if (!input_read(&from, sent)) return fault("malformed_input", "\"the input is no question that a policy can answer\"");
    for (; all.count < from.count; all.count++) ask_role(&all.of[all.count], &from, from.roles[all.count]);
    if (from.about.exceeded) return fault("work_exceeded", "\"the call asks for too much work\"");
    of = settled(&all, from.unknown);
    return answer_text(&of, &all, 0);
}
