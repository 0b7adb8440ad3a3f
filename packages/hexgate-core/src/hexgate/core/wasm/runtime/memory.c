/* The heap: bytes are taken from its end and given back all at once. */
#include "memory.h"

#include "layout.h"

#define PAGE 65536u

/* Not 0 before its first use: memory that a module must clear would need a start function of its own. */
#define UNUSED 1u
static at heap = UNUSED;

#ifdef __wasm__

extern uint8_t __heap_base;
__attribute__((import_module("env"), import_name("opa_abort"))) void opa_abort(at reason);

static uint64_t memory_size(void) { return (uint64_t)__builtin_wasm_memory_size(0) * PAGE; }

static int memory_grow(uint32_t pages) { return __builtin_wasm_memory_grow(0, pages) != (size_t)-1; }

at memory_policy(void) { return ADDRESS(&__heap_base); }

void give_up(const char *reason) {
    opa_abort(ADDRESS(reason));
    __builtin_trap();
}

#define MEMORY_OPENED(address, size)
#define MEMORY_CLOSED(address, size)

#else

/* tests/fuzz_runtime: a buffer instead of a memory, and what the heap gives out told to a sanitizer. */
#include "native.h"

static uint64_t memory_size(void) { return ROOM; }

static int memory_grow(uint32_t pages) { return pages == 0; }

at memory_policy(void) { return POLICY_AT; }

#endif

int memory_holds(at start, uint32_t length) { return (uint64_t)start + length <= memory_size(); }

static at heap_floor(void) { return AT(const policy, memory_policy())->end; }

at heap_mark(void) {
    if (heap == UNUSED) heap = heap_floor();
    return heap;
}

void heap_release(at mark) {
    /* INVARIANT: whatever a host says, nothing is ever written into the policy. */
    if (mark < heap_floor()) give_up("the heap pointer lies before the heap");
    if (heap != UNUSED && mark < heap) MEMORY_CLOSED(mark, heap - mark);
    heap = mark;
}

at heap_reserve(uint64_t size) {
    uint64_t start = ((uint64_t)heap_mark() + 7) & ~(uint64_t)7, end = start + size, room = memory_size();
    if (end > UINT32_MAX - PAGE) give_up("out of memory");
    if (end > room && !memory_grow((uint32_t)((end - room + PAGE - 1) / PAGE))) give_up("out of memory");
    heap = (at)start;
    MEMORY_OPENED(heap, size);
    return heap;
}

at heap_take(uint64_t size) {
    at start = heap_reserve(size);
    heap = start + (at)size;
    return start;
}
