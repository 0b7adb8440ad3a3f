/* Changes inputs a little, again and again, and keeps those that lead the target where no other led it.
 *
 *     driver POLICIES CORPUS RUNS SEED [KEPT]    KEPT: a folder for the inputs that are kept
 *
 * Where a clang with libFuzzer is at hand, its driver does as well: the target has the name that it looks for, once
 * `native_policies` was called. This one needs nothing but the compiler's tracing of the places that are reached.
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_INPUTS 20000
#define LONGEST 4096
#define PLACES 65536
#define SECONDS 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void native_policies(const char *path);
void __sanitizer_cov_trace_pc(void);

typedef struct {
    uint8_t *data;
    size_t size;
} input;

static input inputs[MOST_INPUTS];
static size_t input_count, reached;
static uint8_t counts[PLACES], known[PLACES], current[LONGEST];
static size_t current_size;
static uintptr_t before;
static uint64_t state;

/* What makes JSON and questions to policies, so that not every brace has to be found by chance. */
static const char *const words[] = {
    "{",       "}",       "[",        "]",        ",",         ":",        "\"",      "\\",     "\\u0000", "\\ud83d\\ude00", "\\ud800", "true",
    "false",   "null",    "0",        "-0",       "1e5",       "0.1",      "1e-7",    "5",      "100",     "\"args\":",       "\"ctx\":", "\"role\":",
    "\"roles\":", "\"tool\":", "\"user\":{\"id\":", "\"session\":{\"id\":", "\"default\"", "\"refund_order\"", "\"mcp-github-read\"", "\"items\":[",
    "\"n\":",  "\"text\":", "\"url\":\"https://", "example.com", "../", "./src/", "C:/", ".env", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xc2\x85", "\n", "K", "\xe2\x84\xaa",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

void __sanitizer_cov_trace_pc(void) {
    uintptr_t place = (uintptr_t)__builtin_return_address(0);
    place = (place ^ place >> 16) * 0x9e3779b1u;
    counts[(place ^ before) % PLACES]++;
    before = place >> 1;
}

static uint64_t chance(uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

/* A number of turns counts as new only when it is of another size. */
static uint8_t size_of(uint8_t count) { return count < 4 ? count : count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128; }

static int led_to_new_places(void) {
    int found = 0;
    for (size_t index = 0; index < PLACES; index++) {
        uint8_t bits = counts[index] ? size_of(counts[index]) : 0;
        if (bits & ~known[index]) {
            found = 1;
            reached += !known[index];
            known[index] |= bits;
        }
    }
    return found;
}

static void keep(const uint8_t *data, size_t size, const char *folder) {
    char path[4096];
    FILE *file;
    if (input_count == MOST_INPUTS) return;
    inputs[input_count] = (input){memcpy(malloc(size + 1), data, size), size};
    input_count++;
    if (!folder) return;
    snprintf(path, sizeof(path), "%s/%05zu", folder, input_count);
    if ((file = fopen(path, "wb"))) {
        fwrite(data, 1, size, file);
        fclose(file);
    }
}

static int run(void) {
    memset(counts, 0, sizeof(counts));
    before = 0;
    alarm(SECONDS);
    LLVMFuzzerTestOneInput(current, current_size);
    return led_to_new_places();
}

static void fail(int signal_number) {
    static const char path[] = "crash";
    FILE *file = fopen(path, "wb");
    if (file) {
        fwrite(current, 1, current_size, file);
        fclose(file);
    }
    fprintf(stderr, "signal %d; the input is in the file `%s`\n", signal_number, path);
    _exit(77);
}

static void insert(size_t place, const uint8_t *data, size_t size) {
    if (current_size + size > LONGEST) return;
    memmove(current + place + size, current + place, current_size - place);
    memmove(current + place, data, size);
    current_size += size;
}

static void cut(size_t place, size_t size) {
    if (size > current_size - place) size = current_size - place;
    memmove(current + place, current + place + size, current_size - place - size);
    current_size -= size;
}

static void change_once(void) {
    size_t place = current_size ? chance(current_size) : 0;
    const input *other = &inputs[chance(input_count)];
    const char *word = words[chance(WORDS)];
    uint8_t part[64];
    size_t size = 1 + chance(sizeof(part));
    switch (chance(8)) {
        case 0: if (current_size) current[place] ^= (uint8_t)(1 << chance(8)); break;
        case 1: if (current_size) current[place] = (uint8_t)chance(256); break;
        case 2: case 3: insert(place, (const uint8_t *)word, strlen(word)); break;
        case 4: cut(place, 1 + chance(16)); break;
        case 5:
            if (size > current_size - place) size = current_size - place;
            memcpy(part, current + place, size);
            insert(current_size ? chance(current_size) : 0, part, size);
            break;
        case 6:
            if (other->size > 2) {
                size_t from = chance(other->size);
                insert(place, other->data + from, 1 + chance(other->size - from));
            }
            break;
        default: if (current_size > 1) current[chance(2)] = (uint8_t)chance(256);
    }
}

static void read_corpus(const char *folder) {
    struct dirent **names;
    int count = scandir(folder, &names, 0, alphasort);
    for (int index = 0; index < count; index++) {
        char path[4096];
        FILE *file;
        snprintf(path, sizeof(path), "%s/%s", folder, names[index]->d_name);
        file = names[index]->d_name[0] == '.' ? 0 : fopen(path, "rb");
        free(names[index]);
        if (!file) continue;
        current_size = fread(current, 1, LONGEST, file);
        fclose(file);
        run();
        keep(current, current_size, 0);
    }
    if (count >= 0) free(names);
}

int main(int count, char **given) {
    uint64_t runs;
    if (count < 5) return 2;
    state = strtoull(given[4], 0, 10) * 0x9e3779b97f4a7c15u + 1;
    signal(SIGABRT, fail);
    signal(SIGALRM, fail);
    signal(SIGSEGV, fail);
    signal(SIGILL, fail);
    signal(SIGTRAP, fail);
    native_policies(given[1]);
    read_corpus(given[2]);
    if (!input_count) return 3;
    runs = strtoull(given[3], 0, 10);
    for (uint64_t number = 0; number < runs; number++) {
        const input *from = &inputs[chance(input_count)];
        current_size = from->size;
        memcpy(current, from->data, from->size);
        for (uint64_t turns = 1 + chance(4); turns; turns--) change_once();
        if (run()) keep(current, current_size, count > 5 ? given[5] : 0);
    }
    printf("%llu runs, %zu inputs, %zu places\n", (unsigned long long)runs, input_count, reached);
    return 0;
}
