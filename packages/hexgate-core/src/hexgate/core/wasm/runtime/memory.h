/* The module's memory: how it is addressed, and the heap that grows at its end.
 *
 *     0            the stack, which grows down and traps below 0
 *     …            constants of the runtime
 *     __heap_base  the policy (layout.h), put there by the start function
 *     policy.end   the heap: what one decision needs and the next one overwrites
 *
 * Everything in memory is named by a 32-bit address, also in a build for a machine with wider pointers, where the memory is one
 * large buffer. That build is the one that sanitizers and fuzzers judge; it runs the very same code.
 */
#ifndef HEXGATE_MEMORY_H
#define HEXGATE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* An address in the module's memory; 0 is nowhere. */
typedef uint32_t at;

#ifdef __wasm__
#define AT(type, address) ((type *)(uintptr_t)(address))
#define ADDRESS(pointer) ((at)(uintptr_t)(pointer))
#define EXPORT(name) __attribute__((export_name(#name)))
#else
extern uint8_t *memory_start;
#define AT(type, address) ((type *)(void *)(memory_start + (address)))
#define ADDRESS(pointer) ((at)((const uint8_t *)(pointer) - memory_start))
#define EXPORT(name)
#endif
#define BYTE(address) (*AT(uint8_t, address))

/* A stretch of bytes; texts are UTF-8 and may hold NUL. */
typedef struct {
    at start;
    uint32_t length;
} text;

/* Where the policy stands. */
at memory_policy(void);
/* Whether a stretch that a host named lies in the memory. */
int memory_holds(at start, uint32_t length);

/* The heap's next free byte, and a new one that a host or the end of a task sets. Below the policy's end there is no heap. */
at heap_mark(void);
void heap_release(at mark);
/* So many bytes, aligned to 8. Without memory for them the host is told and nothing returns. */
at heap_take(uint64_t size);
/* Makes sure that so many bytes may be written from the heap's next free byte on, without taking them. */
at heap_reserve(uint64_t size);

/* Host misuse, or no memory: the host is told why, and nothing returns. */
_Noreturn void give_up(const char *reason);

static inline void copy(at to, at from, uint32_t length) {
    if (length) __builtin_memcpy(AT(uint8_t, to), AT(const uint8_t, from), length);
}

#endif
