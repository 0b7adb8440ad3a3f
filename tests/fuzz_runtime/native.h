/* What stands for the module's memory where the runtime is no module: one buffer of a size that does not change.
 *
 * What the heap has not given out is poisoned, so that a sanitizer sees a read behind the end of a value as it would see one behind
 * the end of an array, and one at address 0 as well.
 */
#ifndef HEXGATE_NATIVE_H
#define HEXGATE_NATIVE_H

#include "memory.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define MEMORY_OPENED(address, size) __asan_unpoison_memory_region(memory_start + (address), (size))
#define MEMORY_CLOSED(address, size) __asan_poison_memory_region(memory_start + (address), (size))
#else
#define MEMORY_OPENED(address, size) ((void)(address), (void)(size))
#define MEMORY_CLOSED(address, size) ((void)(address), (void)(size))
#endif

#define ROOM ((uint64_t)64 << 20)
#define POLICY_AT 65536u

#endif
