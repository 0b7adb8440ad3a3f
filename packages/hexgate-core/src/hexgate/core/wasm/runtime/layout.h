/* What the assembler (wasm/layout.py) writes and the runtime reads: the policy, ready to be walked, nothing left to parse.
 *
 * Every word is 32 bits, little-endian and aligned to 4. Every address is absolute. Equal parts are written once, so equal texts
 * have equal addresses. A change of this page is a change of layout.py, and the other way round; MAGIC tells the two apart.
 */
#ifndef HEXGATE_LAYOUT_H
#define HEXGATE_LAYOUT_H

#include "memory.h"

#define MAGIC 0x31475848u /* "HXG1" */

/* Values, of the policy and of the input alike. The order of the kinds is the order in which lists of constants are sorted. */
enum kind { MISSING, NULL_VALUE, FALSE_VALUE, TRUE_VALUE, NUMBER, STRING, LIST, OBJECT };

typedef struct {
    uint8_t kind;
    int8_t sign;   /* of a number: -1, 0 or 1 */
    uint16_t unused;
    at next;       /* the value after it, only while a list or an object is read */
    text key;      /* of a member of an object */
    union {
        text bytes;    /* STRING: its UTF-8. NUMBER: its digits as they were written, perhaps with a point, an exponent and zeros */
        struct {
            at items;  /* LIST, OBJECT: the addresses of its values, those of an object in the order of their keys */
            uint32_t count;
        };
    };
    union {
        int32_t exponent; /* NUMBER: of its first digit that is not 0, as in 1.5e-7 */
        uint32_t span;    /* LIST, OBJECT: how many bytes of the input it took */
    };
    uint32_t first; /* NUMBER: where in its bytes that digit stands */
} value;

/* A table is sorted by the bytes of its names. `parent` is the entry with the longest name that begins this one's. */
typedef struct {
    text name;
    at found;
    at parent;
} entry;

typedef struct {
    at entries;
    uint32_t count;
} table;

/* `shown` is always JSON that is ready to be copied into an answer. */
typedef struct {
    uint32_t magic;
    at end;               /* where the heap begins */
    table roles;          /* -> role */
    at fallback;          /* the role `default`, or 0 */
    uint32_t monitor;     /* 0 enforces, 1 monitors, else the address of a text: the day until which */
    uint32_t violations;  /* how many different texts a violation may have */
    at lower;             /* of run: the lower case of what is not ASCII, in the order of the code points; only if it is asked for */
    uint32_t lower_count;
} policy;

typedef struct {
    at name;              /* value: what `role` is in a constraint */
    at shown;             /* text */
    table exact;          /* -> rule */
    table prefixes;       /* -> rule */
    at rest;              /* rule */
} role;

enum mode { DENY, ALLOW, ASK };

typedef struct {
    uint32_t mode;
    uint32_t listed;      /* a denial of it is explicit */
    uint32_t monitor;     /* as in policy */
    at approvers;         /* text, or 0 */
    uint32_t count;       /* of the checks that follow */
} rule;

typedef struct {
    at shown;             /* text */
    uint32_t number;      /* of the text among all violations */
    at condition;
} check;

/* What stands on one side of a leaf is a value, which is the constant itself, or an operand; the first byte tells which. */
enum operand_kind {
    PATH = 16,            /* first = enum root, second = steps, third = how many */
    COUNT_OF,             /* first = operand */
    LOWER_OF              /* first = operand */
};

enum root { ARGS, CTX, USER, SESSION, ROLE, TOOL, ITEM };

typedef struct {
    uint32_t kind;
    uint32_t first;
    uint32_t second;
    uint32_t third;
} operand;

typedef struct {
    at key;               /* text, or 0 where the step is an index */
    uint32_t index;
} step;

enum sign { EQUAL, UNEQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL };

enum condition_kind {
    ALL,                  /* first = addresses of conditions, second = how many */
    ANY_OF,               /* likewise */
    EVERY,                /* first = operand, second = condition, third = toll, fourth = work of a turn */
    ANY,                  /* likewise */
    COMPARE,              /* first, second = operands, third = enum sign */
    IN_VALUE,             /* first, second = operands */
    IN_CONSTANTS,         /* first = operand, second = addresses of sorted values, third = how many */
    STARTS,               /* first, second = operands */
    ENDS,                 /* likewise */
    CONTAINS,             /* likewise */
    MATCHES,              /* first = operand, second = words of an automaton, third = the longest text that it reads */
    WITHIN,               /* first = operand, second = table of directories */
    HOST_IN,              /* first = operand, second = table of hosts, third = table of what hosts end in, with the dot */
    EXISTS,               /* first = operand */
    IN_SCOPE              /* first = operand, second = automata that allow or 0, third = automata that deny */
};

/* Of a loop: whether it counts its work, whether a loop around it counts as well, whether a turn may look at all bytes. */
enum toll { COUNTS = 1, INSIDE = 2, WHOLE_CALL = 4 };

typedef struct {
    uint32_t kind;
    uint32_t wanted;      /* of a leaf: whether it must be known to be true, or known to be false */
    uint32_t first;
    uint32_t second;
    uint32_t third;
    uint32_t fourth;
} condition;

/* Several automata: their addresses. */
typedef struct {
    at items;
    uint32_t count;
} automata;

/* Every `step`th code point from `first` to `last` becomes another one, `distance` further. */
typedef struct {
    uint32_t first;
    uint32_t last;
    uint32_t step;
    int32_t distance;
} run;

#endif
