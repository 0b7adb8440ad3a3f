/* What OPA's hosts call, as its ABI 1.3 has it. The policy reads no data: what hosts set as data is kept by them and asked by nobody. */
#include "decide.h"
#include "layout.h"
#include "parse.h"
#include "paths.h"
#include "print.h"

typedef struct {
    at input;
    at data;
    at result;
} context;

static at parse_words(const char *words) {
    writer to = writing();
    at start;
    write_words(&to, words);
    start = written(&to);
    return json_parse(start, to.end - start - 1);
}

static at answer_value(at sent) {
    at start = decide(sent), end = start;
    while (BYTE(end)) end++;
    return json_parse(start, end - start);
}

static at parse(at start, uint32_t length) {
    if (!memory_holds(start, length)) give_up("the text lies outside of the memory");
    return json_parse(start, length);
}

static at dump(at found) {
    writer to = writing();
    write_value(&to, found);
    return written(&to);
}

static void must_be_known(int32_t entrypoint) {
    if (entrypoint) give_up("there is no such entrypoint");
}

EXPORT(builtins) at builtins(void) { return parse_words("{}"); }

EXPORT(entrypoints) at entrypoints(void) { return parse_words("{\"hexgate/policy/decision\":0}"); }

EXPORT(opa_malloc) at opa_malloc(uint32_t size) { return heap_take(size); }

EXPORT(opa_free) void opa_free(at address) { (void)address; }

EXPORT(opa_value_free) void opa_value_free(at found) { (void)found; }

EXPORT(opa_heap_ptr_get) at opa_heap_ptr_get(void) { return heap_mark(); }

EXPORT(opa_heap_ptr_set) void opa_heap_ptr_set(at mark) { heap_release(mark); }

/* There are no free blocks that could be put aside. */
EXPORT(opa_heap_blocks_stash) void opa_heap_blocks_stash(void) {}

EXPORT(opa_heap_blocks_restore) void opa_heap_blocks_restore(void) {}

EXPORT(opa_heap_stash_clear) void opa_heap_stash_clear(void) {}

EXPORT(opa_json_parse) at opa_json_parse(at start, uint32_t length) { return parse(start, length); }

EXPORT(opa_json_dump) at opa_json_dump(at found) { return dump(found); }

EXPORT(opa_value_parse) at opa_value_parse(at start, uint32_t length) { return parse(start, length); }

EXPORT(opa_value_dump) at opa_value_dump(at found) { return dump(found); }

EXPORT(opa_value_add_path) int32_t opa_value_add_path(at base, at path, at added) { return path_add(base, path, added); }

EXPORT(opa_value_remove_path) int32_t opa_value_remove_path(at base, at path) { return path_remove(base, path); }

EXPORT(opa_eval_ctx_new) at opa_eval_ctx_new(void) {
    at found = heap_take(sizeof(context));
    *AT(context, found) = (context){0, 0, 0};
    return found;
}

EXPORT(opa_eval_ctx_set_input) void opa_eval_ctx_set_input(at own, at sent) { AT(context, own)->input = sent; }

EXPORT(opa_eval_ctx_set_data) void opa_eval_ctx_set_data(at own, at data) { AT(context, own)->data = data; }

EXPORT(opa_eval_ctx_set_entrypoint) void opa_eval_ctx_set_entrypoint(at own, int32_t entrypoint) {
    (void)own;
    must_be_known(entrypoint);
}

EXPORT(opa_eval_ctx_get_result) at opa_eval_ctx_get_result(at own) { return AT(context, own)->result; }

EXPORT(eval) int32_t eval(at own) {
    AT(context, own)->result = answer_value(AT(context, own)->input);
    return 0;
}

/* The whole of a decision in one call; answers are the same text in both formats. */
EXPORT(opa_eval)
at opa_eval(at reserved, int32_t entrypoint, at data, at start, uint32_t length, at mark, uint32_t format) {
    (void)data;
    (void)format;
    if (reserved) give_up("the first argument of opa_eval must be 0");
    must_be_known(entrypoint);
    heap_release(mark);
    return decide(length ? parse(start, length) : 0);
}
