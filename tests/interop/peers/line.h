/* The line protocol of initiator.py for peers in C: what reads its requests and writes its answers. */

#ifndef LINE_H
#define LINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A command, and what answers the line that it came in. */
struct command {
    const char *name;
    void (*answer)(const char *line);
};

static inline void fail(const char *reason)
{
    fprintf(stderr, "peer: %s\n", reason);
    exit(1);
}

/* Where the value of a member begins, or NULL; serde_json writes no blanks. */
static inline const char *member(const char *line, const char *name)
{
    char pattern[64];
    const char *found;

    snprintf(pattern, sizeof pattern, "\"%s\":", name);
    found = strstr(line, pattern);
    return found == NULL ? NULL : found + strlen(pattern);
}

/* A string's text, in new memory; NULL where there is no string. */
static inline char *string(const char *line, const char *name)
{
    const char *value = member(line, name);
    const char *end = value != NULL && *value == '"' ? strchr(value + 1, '"') : NULL;

    return end == NULL ? NULL : strndup(value + 1, (size_t)(end - value - 1));
}

/* What a base64 digit stands for. */
static inline int digit(char c)
{
    const char *found = c == '\0' ? NULL : strchr(base64_digits, c);

    return found == NULL ? -1 : (int)(found - base64_digits);
}

/* The octets of a member in base64, in new memory and with a NUL behind them. */
static inline unsigned char *octets(const char *line, const char *name, size_t *length)
{
    char *text = string(line, name);
    unsigned char *out;
    unsigned int bits = 0, held = 0;

    if (text == NULL)
        fail(name);
    out = malloc(strlen(text) + 1);
    if (out == NULL)
        fail("no memory");
    *length = 0;
    for (const char *c = text; digit(*c) >= 0; c++) {
        held = held << 6 | (unsigned int)digit(*c);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[(*length)++] = (unsigned char)(held >> bits);
        }
    }
    out[*length] = '\0';
    free(text);
    return out;
}

static inline void print_octets(const void *octets, size_t length)
{
    const unsigned char *from = octets;

    putchar('"');
    for (size_t at = 0; at < length; at += 3) {
        size_t left = length - at;
        unsigned long group = (unsigned long)from[at] << 16;

        if (left > 1)
            group |= (unsigned long)from[at + 1] << 8;
        if (left > 2)
            group |= from[at + 2];
        putchar(base64_digits[group >> 18 & 63]);
        putchar(base64_digits[group >> 12 & 63]);
        putchar(left > 1 ? base64_digits[group >> 6 & 63] : '=');
        putchar(left > 2 ? base64_digits[group & 63] : '=');
    }
    putchar('"');
}

static inline void print_refusal(unsigned int major, unsigned int minor, const char *text, size_t length)
{
    printf("{\"error\": {\"major\": %u, \"minor\": %u, \"text\": \"", major, minor);
    for (size_t i = 0; i < length; i++)
        putchar(text[i] < ' ' || text[i] == '"' || text[i] == '\\' ? '?' : text[i]);
    printf("\"}}\n");
}

static inline void answer(const char *line, const struct command *commands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(commands[i].name);

        if (strncmp(line, "{\"", 2) == 0 && strncmp(line + 2, commands[i].name, length) == 0 && line[2 + length] == '"') {
            commands[i].answer(line);
            return;
        }
    }
    fail("no such command");
}

/* Every line of the standard input, until it ends. */
static inline void answer_all(const struct command *commands, size_t count)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        answer(line, commands, count);
        fflush(stdout);
    }
    free(line);
}

#endif
