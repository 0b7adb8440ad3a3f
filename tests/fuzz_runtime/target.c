/* Bytes in, a crash out if the runtime has a fault. The first byte says what is done with the rest, and with which policy.
 *
 * What is asked: no byte is read or written that was not given out, no arithmetic is undefined, every answer is JSON that the
 * runtime itself reads, both ways to a decision give the same text, and a text that was written is read as the same value.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "native.h"

uint8_t *memory_start;

at opa_malloc(uint32_t size);
at opa_heap_ptr_get(void);
void opa_heap_ptr_set(at mark);
at opa_json_parse(at start, uint32_t length);
at opa_json_dump(at found);
at opa_value_parse(at start, uint32_t length);
at opa_value_dump(at found);
int32_t opa_value_add_path(at base, at path, at added);
int32_t opa_value_remove_path(at base, at path);
at opa_eval_ctx_new(void);
void opa_eval_ctx_set_input(at own, at sent);
at opa_eval_ctx_get_result(at own);
int32_t eval(at own);
at opa_eval(at reserved, int32_t entrypoint, at data, at start, uint32_t length, at mark, uint32_t format);

/* Policies are smaller. */
#define ROOM_BEFORE (8u << 20)

static jmp_buf given_up;
static int begun;
static uint8_t *policies;
static uint32_t policy_count, *policy_starts, *policy_sizes;

void give_up(const char *reason) {
    /* With this room and inputs of this size nothing else is a reason. */
    if (strcmp(reason, "out of memory")) abort();
    longjmp(given_up, 1);
}

static void must(int holds) {
    if (!holds) abort();
}

void native_policies(const char *path) {
    FILE *file = fopen(path, "rb");
    long size = 0;
    must(file && !fseek(file, 0, SEEK_END) && (size = ftell(file)) > 0 && !fseek(file, 0, SEEK_SET));
    policies = malloc((size_t)size);
    policy_starts = calloc(10000, sizeof(uint32_t));
    policy_sizes = calloc(10000, sizeof(uint32_t));
    memory_start = aligned_alloc(65536, ROOM);
    must(policies && policy_starts && policy_sizes && memory_start && fread(policies, 1, (size_t)size, file) == (size_t)size);
    for (uint32_t place = 0; place < (uint32_t)size && policy_count < 10000; policy_count++) {
        memcpy(&policy_sizes[policy_count], policies + place, 4);
        policy_starts[policy_count] = place + 4;
        place += 4 + policy_sizes[policy_count];
    }
    fclose(file);
    MEMORY_CLOSED(0, ROOM);
}

/* Puts a policy where the runtime looks for it, and begins a new heap behind it. */
static void begin(uint32_t number) {
    uint32_t size = policy_sizes[number];
    /* The new policy may be shorter than the one before, whose heap is given back first. */
    if (begun) opa_heap_ptr_set(AT(const policy, POLICY_AT)->end);
    begun = 1;
    MEMORY_CLOSED(0, ROOM_BEFORE);
    MEMORY_OPENED(POLICY_AT, size);
    memcpy(memory_start + POLICY_AT, policies + policy_starts[number], size);
    opa_heap_ptr_set(AT(const policy, POLICY_AT)->end);
}

static at sent(const uint8_t *data, uint32_t size) {
    at start = opa_malloc(size);
    if (size) memcpy(memory_start + start, data, size);
    return start;
}

static at parsed(const uint8_t *data, uint32_t size) { return opa_json_parse(sent(data, size), size); }

static at again(at text) { return opa_json_parse(text, (uint32_t)strlen((const char *)memory_start + text)); }

static int same(at one, at other) { return !strcmp((const char *)memory_start + one, (const char *)memory_start + other); }

static void decide_twice(const uint8_t *data, uint32_t size) {
    at start = sent(data, size), answer, value, context;
    char *first;
    answer = opa_eval(0, 0, 0, start, size, start + size, 0);
    must(!strncmp((const char *)memory_start + answer, "[{\"result\":{\"allow\":", 20));
    value = again(answer);
    must(value && same(answer, opa_json_dump(value)));
    first = strdup((const char *)memory_start + answer);
    value = size ? opa_json_parse(start, size) : 0;
    context = opa_eval_ctx_new();
    opa_eval_ctx_set_input(context, value);
    must(!eval(context) && !strcmp(first, (const char *)memory_start + opa_json_dump(opa_eval_ctx_get_result(context))));
    free(first);
}

static void write_again(const uint8_t *data, uint32_t size) {
    at value = parsed(data, size), text;
    if (!value) return;
    text = opa_json_dump(value);
    value = again(text);
    must(value && same(text, opa_json_dump(value)));
    value = opa_value_parse(text, (uint32_t)strlen((const char *)memory_start + text));
    must(value && same(opa_value_dump(value), text));
}

/* Three documents with line ends between them: one that is changed, a path, what is put there. */
static void change(const uint8_t *data, uint32_t size) {
    const uint8_t *end = data + size, *line = memchr(data, '\n', size), *next;
    at base, path, added;
    if (!line || !(next = memchr(line + 1, '\n', (size_t)(end - line - 1)))) return;
    base = parsed(data, (uint32_t)(line - data));
    path = parsed(line + 1, (uint32_t)(next - line - 1));
    added = parsed(next + 1, (uint32_t)(end - next - 1));
    if (!base) return;
    opa_value_add_path(base, path, added);
    opa_value_add_path(base, path, base);
    must(again(opa_json_dump(base)) != 0);
    opa_value_remove_path(base, path);
    must(again(opa_json_dump(base)) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    begin((uint32_t)(data[0] << 8 | data[1]) / 4 % policy_count);
    if (setjmp(given_up)) return 0;
    switch (data[1] & 3) {
        case 0: write_again(data + 2, (uint32_t)size - 2); break;
        case 1: change(data + 2, (uint32_t)size - 2); break;
        default: decide_twice(data + 2, (uint32_t)size - 2);
    }
    return 0;
}
