/* Runs an automaton over a text: all ways that a match could go on are followed at once, a character at a time.

   INVARIANT: a step is looked at once per character, so the time is at most steps x characters.
   INVARIANT: no byte outside of the text and of the scratch is touched, whatever the text is. */
#include "regex.h"

enum { ANCHORED = 1, SKIPS = 2, INSIDE_CHARACTERS = 4, LOOKS_AROUND = 8 };
enum { READ_ONE, READ_SET, AT_PLACE, BOTH_WAYS, IS_FOUND };
enum { BEGIN_TEXT = 1, END_TEXT = 2, BEGIN_LINE = 4, END_LINE = 8, BOUNDARY = 16, INSIDE = 32 };
enum { FIRST = 2, STEPS = 10, SET_COUNT = 4, SET_RANGES = 5 };

/* Letters, digits and `_`, which are what a word is made of. */
static const uint32_t WORD[4] = {0, 0x03ff0000, 0x87fffffe, 0x07fffffe};

typedef struct {
  const uint32_t *words;
  const uint32_t *steps;
  const uint8_t *text;
  uint32_t length;
  uint32_t *seen;  /* per step: the last place, counted from 1, at which it was reached */
  uint32_t *forks; /* ways that are still to be followed at this place */
  uint32_t *next;  /* the steps that read, reached at this place */
  uint32_t count;
  uint32_t place;
  uint32_t kinds; /* what this place is */
  int found;
} search;

uint32_t regex_scratch(const uint32_t *words) { return 4 * 4 * words[1]; }

static inline int has(const uint32_t *bits, uint32_t number) { return bits[number >> 5] >> (number & 31) & 1; }

static inline int is_word(uint8_t byte) { return byte < 0x80 && has(WORD, byte); }

/* What the place before a byte is. */
static uint32_t kinds_of(const search *s, uint32_t at) {
  uint32_t kinds = (at == 0 ? BEGIN_TEXT : 0) | (at == s->length ? END_TEXT : 0);
  if (!(s->words[0] & LOOKS_AROUND)) return kinds;
  uint8_t before = at == 0 ? '\n' : s->text[at - 1], after = at == s->length ? '\n' : s->text[at];
  if (before == '\n') kinds |= BEGIN_LINE;
  if (after == '\n') kinds |= END_LINE;
  return kinds | (is_word(before) != is_word(after) ? BOUNDARY : INSIDE);
}

static void arrive(search *s, uint32_t at) {
  s->place = at + 1;
  s->kinds = kinds_of(s, at);
  s->count = 0;
}

/* Reaches a step and all that follow it without reading. */
static void follow(search *s, uint32_t number) {
  uint32_t waiting = 0;
  for (;;) {
    if (s->seen[number] != s->place) {
      s->seen[number] = s->place;
      const uint32_t *step = s->steps + 2 * number;
      switch (step[0] & 7) {
        case BOTH_WAYS:
          s->forks[waiting++] = step[1];
          number = step[0] >> 3;
          continue;
        case AT_PLACE:
          if (!(s->kinds & step[0] >> 3)) break;
          number = step[1];
          continue;
        case IS_FOUND:
          s->found = 1;
          return;
        default:
          s->next[s->count++] = number;
      }
    }
    if (waiting == 0) return;
    number = s->forks[--waiting];
  }
}

/* Whether a set has a character: bits for ASCII, ranges in order for the rest. */
static int in_set(const uint32_t *set, uint32_t point) {
  if (point < 0x80) return has(set, point);
  uint32_t low = 0, high = set[SET_COUNT];
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    const uint32_t *range = set + SET_RANGES + 2 * middle;
    if (point < range[0]) high = middle;
    else if (point > range[1]) low = middle + 1;
    else return 1;
  }
  return 0;
}

/* Reads a character and moves `at` behind it. Bytes that are no character are read one by one, as no character. */
static uint32_t character(const search *s, uint32_t *at) {
  const uint8_t *bytes = s->text + *at;
  uint32_t left = s->length - *at, lead = bytes[0];
  uint32_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (size == 1 || lead < 0xc0 || size > left) {
    *at += 1;
    return lead < 0x80 ? lead : 0xffffffff;
  }
  uint32_t point = lead & (0x7f >> size);
  for (uint32_t i = 1; i < size; i++) point = point << 6 | (bytes[i] & 0x3f);
  *at += size;
  return point;
}

/* Reads one character on all ways. */
static void advance(search *s, const uint32_t *ways, uint32_t count, uint32_t point) {
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t *step = s->steps + 2 * ways[i];
    uint32_t operand = step[0] >> 3;
    if ((step[0] & 7) == READ_ONE ? operand == point : in_set(s->words + operand, point)) follow(s, step[1]);
  }
}

/* The first place, from `at` on, at which a match can begin. */
static uint32_t skip(const search *s, uint32_t at) {
  while (at < s->length && !has(s->words + FIRST, s->text[at])) at++;
  return at;
}

/* A place within a character is no end, no line's and no word's, and `\B` holds there as RE2 sees it. */
static int has_inside(const uint8_t *text, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (text[i] & 0x80) return 1;
  return 0;
}

static int run(search *s, uint32_t *ways) {
  uint32_t flags = s->words[0], at = 0;
  arrive(s, 0);
  for (;;) {
    if (at == 0 || !(flags & ANCHORED)) {
      if (s->count == 0 && flags & SKIPS) {
        uint32_t found = flags & ANCHORED ? at : skip(s, at);
        if (found != at) arrive(s, at = found);
      }
      if (!(flags & SKIPS) || (at < s->length && has(s->words + FIRST, s->text[at]))) follow(s, 0);
    }
    if (s->found) return 1;
    if (at == s->length || (s->count == 0 && flags & ANCHORED)) return 0;
    uint32_t *swapped = ways, count = s->count;
    ways = s->next;
    s->next = swapped;
    uint32_t point = character(s, &at);
    arrive(s, at);
    advance(s, ways, count, point);
  }
}

int regex_search(const uint32_t *words, const uint8_t *text, uint32_t length, void *scratch) {
  if (words[0] & INSIDE_CHARACTERS && has_inside(text, length)) return 1;
  uint32_t steps = words[1], *memory = scratch;
  search s = {words, words + STEPS, text, length, memory, memory + steps, memory + 2 * steps, 0, 0, 0, 0};
  for (uint32_t i = 0; i < steps; i++) s.seen[i] = 0;
  return run(&s, memory + 3 * steps);
}
