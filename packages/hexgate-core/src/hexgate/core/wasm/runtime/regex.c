/* Runs an automaton over a text: all ways that a match could go on are followed at once, a character at a time. Sets of ways
   that were met before are kept for the length of one search, with what characters make of them, so that most characters cost
   one look into a table. When more are met than are kept, the rest of the text is read without.

   INVARIANT: a step is looked at once per character, so the time is at most steps x characters.
   INVARIANT: no byte outside of the text and of the scratch is touched, whatever the text is. */
#include "regex.h"

enum { ANCHORED = 1, SKIPS = 2, INSIDE_CHARACTERS = 4, LOOKS_AROUND = 8 };
enum { READ_ONE, READ_SET, AT_PLACE, BOTH_WAYS, IS_FOUND };
enum { FIRST = 2, STEPS = 10, SET_COUNT = 4, SET_RANGES = 5 };

/* What a place between characters can be, and what can be before it. */
enum { BEGIN_TEXT = 1, END_TEXT = 2, BEGIN_LINE = 4, END_LINE = 8, BOUNDARY = 16, INSIDE = 32 };
enum { AT_BEGIN, AFTER_LINE, AFTER_WORD, AFTER_OTHER, BEFORE };

/* Sets that are kept. The first ones are empty, one for each thing that can be before. */
enum { ASCII = 128, MEMOS = 128, MOST_SETS = 48, KEPT_PER_STEP = 4, KEPT = 512, FULL = 253, FOUND = 254, UNKNOWN = 255 };

/* Letters, digits and `_`, which are what a word is made of. */
static const uint32_t WORD[4] = {0, 0x03ff0000, 0x87fffffe, 0x07fffffe};

typedef struct {
  const uint32_t *words;
  const uint32_t *steps;
  const uint8_t *text;
  uint32_t length;
  uint32_t round; /* counts how often steps were gathered */
  uint32_t count; /* how many of `next` are gathered */
  uint32_t kinds; /* what this place is */
  uint32_t found;
  uint32_t *seen;  /* per step: the last round in which it was met */
  uint16_t *forks; /* ways that are still to be followed at this place */
  uint16_t *next;
  uint16_t *ways; /* what `next` was before */
} search;

typedef struct {
  uint32_t start[MOST_SETS];
  uint32_t count[MOST_SETS];
  uint32_t hash[MOST_SETS];
  uint32_t keys[MEMOS]; /* a set and a character beyond ASCII, and what that makes of it */
  uint8_t memos[MEMOS];
  uint8_t before[MOST_SETS];
  uint8_t rows[MOST_SETS][ASCII];
  uint32_t sets;
  uint32_t used;
  uint32_t room;
  uint16_t *pool;
} table;

/* ---- Places and characters ---- */

static inline int has(const uint32_t *bits, uint32_t number) { return bits[number >> 5] >> (number & 31) & 1; }

static inline int is_word(uint32_t point) { return point < ASCII && has(WORD, point); }

/* What is before the place that a character leads to. It is asked only where a pattern looks around. */
static uint32_t before_of(const search *s, uint32_t point) {
  if (!(s->words[0] & LOOKS_AROUND)) return AFTER_OTHER;
  return point == '\n' ? AFTER_LINE : is_word(point) ? AFTER_WORD : AFTER_OTHER;
}

static uint32_t before_at(const search *s, uint32_t at) { return at == 0 ? AT_BEGIN : before_of(s, s->text[at - 1]); }

/* What a place is, by what is before it and what begins there. */
static uint32_t kinds_of(const search *s, uint32_t before, uint32_t at) {
  uint32_t kinds = before == AT_BEGIN ? BEGIN_TEXT | BEGIN_LINE : before == AFTER_LINE ? BEGIN_LINE : 0;
  if (at == s->length) return kinds | END_TEXT | END_LINE | (before == AFTER_WORD ? BOUNDARY : INSIDE);
  if (s->text[at] == '\n') kinds |= END_LINE;
  return kinds | ((before == AFTER_WORD) != is_word(s->text[at]) ? BOUNDARY : INSIDE);
}

/* Whether a set of characters has one: bits for ASCII, ranges in order for the rest. */
static int in_set(const uint32_t *set, uint32_t point) {
  if (point < ASCII) return has(set, point);
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
  uint32_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc0 || size > left) {
    *at += 1;
    return lead < ASCII ? lead : 0xffffffff;
  }
  uint32_t point = lead & (0x7fu >> size);
  for (uint32_t i = 1; i < size; i++) point = point << 6 | (bytes[i] & 0x3f);
  *at += size;
  return point;
}

/* Whether a match can begin here: with this byte, or with none. */
static int can_begin(const search *s, uint32_t before, uint32_t at) {
  uint32_t flags = s->words[0];
  if (flags & ANCHORED && before != AT_BEGIN) return 0;
  return !(flags & SKIPS) || (at < s->length && has(s->words + FIRST, s->text[at]));
}

/* The first place, from `at` on, at which a match can begin with a byte. */
static uint32_t skip(const search *s, uint32_t at) {
  while (at < s->length && !has(s->words + FIRST, s->text[at])) at++;
  return at;
}

/* ---- Ways ---- */

/* Begins to gather steps in `next`; what was gathered is in `ways`. */
static uint32_t gather(search *s) {
  uint16_t *ways = s->ways;
  uint32_t count = s->count;
  s->ways = s->next;
  s->next = ways;
  s->count = 0;
  s->round++;
  return count;
}

/* Gathers the steps that read, among a step and all that follow it without reading. */
static void follow(search *s, uint32_t number) {
  uint32_t waiting = 0;
  for (;;) {
    if (s->seen[number] != s->round) {
      s->seen[number] = s->round;
      const uint32_t *step = s->steps + 2 * number;
      uint32_t kind = step[0] & 7, operand = step[0] >> 3;
      if (kind == BOTH_WAYS) {
        s->forks[waiting++] = (uint16_t)step[1];
        number = operand;
        continue;
      }
      if (kind == AT_PLACE && s->kinds & operand) {
        number = step[1];
        continue;
      }
      if (kind == IS_FOUND) {
        s->found = 1;
        return;
      }
      if (kind != AT_PLACE) s->next[s->count++] = (uint16_t)number;
    }
    if (waiting == 0) return;
    number = s->forks[--waiting];
  }
}

/* Gathers the steps that read at a place, which some steps lead to and at which a match may begin. */
static void arrive(search *s, const uint16_t *ways, uint32_t count, uint32_t before, uint32_t at) {
  s->kinds = kinds_of(s, before, at);
  for (uint32_t i = 0; i < count && !s->found; i++) follow(s, ways[i]);
  if (!s->found && can_begin(s, before, at)) follow(s, 0);
}

/* Reads a character with the steps that were gathered, and gathers those that they lead to. */
static void advance(search *s, uint32_t point) {
  uint32_t count = gather(s);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t *step = s->steps + 2 * s->ways[i];
    uint32_t operand = step[0] >> 3, next = step[1];
    if ((step[0] & 7) == READ_ONE ? operand != point : !in_set(s->words + operand, point)) continue;
    if (s->seen[next] == s->round) continue;
    s->seen[next] = s->round;
    s->next[s->count++] = (uint16_t)next;
    if ((s->steps[2 * next] & 7) == IS_FOUND) s->found = 1;
  }
}

/* ---- Without a table ---- */

/* Whether the pattern is found from a place on, which the gathered steps lead to. */
static int run(search *s, uint32_t at) {
  for (;;) {
    if (s->count == 0 && at > 0) {
      if (s->words[0] & ANCHORED) return 0;
      if (s->words[0] & SKIPS) at = skip(s, at);
    }
    uint32_t count = gather(s);
    arrive(s, s->ways, count, before_at(s, at), at);
    if (s->found) return 1;
    if (at == s->length) return 0;
    advance(s, character(s, &at));
    if (s->found) return 1;
  }
}

/* ---- With a table ---- */

static void add(search *s, table *t, uint32_t hash, uint32_t before) {
  uint32_t set = t->sets++;
  t->start[set] = t->used;
  t->count[set] = s->count;
  t->hash[set] = hash;
  t->before[set] = (uint8_t)before;
  for (uint32_t i = 0; i < s->count; i++) t->pool[t->used++] = s->next[i];
  for (uint32_t i = 0; i < ASCII; i++) t->rows[set][i] = UNKNOWN;
}

/* The number of the set of gathered steps, which is kept now, or FULL. Order is part of a set: some are kept more than once. */
static uint32_t keep(search *s, table *t, uint32_t before) {
  if (s->count == 0) return before;
  uint32_t hash = before;
  for (uint32_t i = 0; i < s->count; i++) hash = (hash ^ s->next[i]) * 0x9e3779b1u;
  for (uint32_t set = BEFORE; set < t->sets; set++) {
    if (t->hash[set] != hash || t->count[set] != s->count || t->before[set] != before) continue;
    const uint16_t *kept = t->pool + t->start[set];
    uint32_t i = 0;
    while (i < s->count && kept[i] == s->next[i]) i++;
    if (i == s->count) return set;
  }
  if (t->sets == MOST_SETS || s->count > t->room - t->used) return FULL;
  add(s, t, hash, before);
  return t->sets - 1;
}

/* What the character at a place makes of a set that leads there: another set, FOUND, or FULL with the gathered steps. */
static uint32_t change(search *s, table *t, uint32_t set, uint32_t at, uint32_t point) {
  gather(s);
  arrive(s, t->pool + t->start[set], t->count[set], t->before[set], at);
  if (!s->found) advance(s, point);
  return s->found ? FOUND : keep(s, t, before_of(s, point));
}

/* The same for a character beyond ASCII, which is remembered until another needs the room. */
static uint32_t change_far(search *s, table *t, uint32_t set, uint32_t at, uint32_t point) {
  uint32_t key = (set << 21 | (point & 0x1fffff)) + 1, place = (point ^ set * 37) % MEMOS;
  if (t->keys[place] == key) return t->memos[place];
  uint32_t made = change(s, t, set, at, point);
  t->keys[place] = key;
  t->memos[place] = (uint8_t)made;
  return made;
}

static int run_with_table(search *s, table *t) {
  uint32_t at = 0, set = AT_BEGIN, flags = s->words[0];
  while (at < s->length) {
    if (set < BEFORE && at > 0) {
      if (flags & ANCHORED) return 0;
      if (flags & SKIPS) {
        at = skip(s, at);
        if (at == s->length) return 0;
        set = before_at(s, at);
      }
    }
    uint32_t point = s->text[at], here = at;
    if (point < ASCII) {
      uint8_t *known = &t->rows[set][point];
      at++;
      if (*known == UNKNOWN) *known = (uint8_t)change(s, t, set, here, point);
      set = *known;
    } else {
      point = character(s, &at);
      set = change_far(s, t, set, here, point);
    }
    if (set == FOUND) return 1;
    if (set == FULL) return run(s, at);
  }
  gather(s);
  arrive(s, t->pool + t->start[set], t->count[set], t->before[set], at);
  return (int)s->found;
}

/* ---- The search ---- */

/* A place within a character is no end, no line's and no word's, and `\B` holds there as RE2 sees it. */
static int has_inside(const uint8_t *text, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (text[i] >= ASCII) return 1;
  return 0;
}

static uint32_t room(const uint32_t *words) { return KEPT_PER_STEP * words[1] + KEPT; }

uint32_t regex_scratch(const uint32_t *words) {
  return (uint32_t)sizeof(table) + 4 * words[1] + 2 * (3 * words[1] + room(words));
}

int regex_search(const uint32_t *words, const uint8_t *text, uint32_t length, void *scratch) {
  if (words[0] & INSIDE_CHARACTERS && has_inside(text, length)) return 1;
  uint32_t steps = words[1];
  table *t = scratch;
  uint32_t *seen = (uint32_t *)(t + 1);
  uint16_t *lists = (uint16_t *)(seen + steps);
  search s = {words, words + STEPS, text, length, 0, 0, 0, 0, seen, lists, lists + steps, lists + 2 * steps};
  for (uint32_t i = 0; i < steps; i++) seen[i] = 0;
  for (uint32_t i = 0; i < MEMOS; i++) t->keys[i] = 0;
  t->sets = t->used = 0;
  t->room = room(words);
  t->pool = lists + 3 * steps;
  for (uint32_t before = 0; before < BEFORE; before++) add(&s, t, 0, before);
  return run_with_table(&s, t);
}
