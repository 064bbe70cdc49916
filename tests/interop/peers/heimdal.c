/* Heimdal's initiator behind the line protocol of initiator.py. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base64.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <gssapi/gssapi_spnego.h>

static gss_ctx_id_t context = GSS_C_NO_CONTEXT;
static gss_name_t service = GSS_C_NO_NAME;
static gss_OID mechanism = GSS_C_NO_OID;
static OM_uint32 wanted = 0;
static struct gss_channel_bindings_struct bindings;

static const struct {
    const char *name;
    OM_uint32 flag;
} flags[] = {
    {"deleg", GSS_C_DELEG_FLAG}, {"mutual", GSS_C_MUTUAL_FLAG}, {"replay", GSS_C_REPLAY_FLAG},
    {"sequence", GSS_C_SEQUENCE_FLAG}, {"conf", GSS_C_CONF_FLAG}, {"integ", GSS_C_INTEG_FLAG},
    {"dce", GSS_C_DCE_STYLE},
};
static const size_t flag_count = sizeof flags / sizeof flags[0];

static void fail(const char *reason)
{
    fprintf(stderr, "heimdal.c: %s\n", reason);
    exit(1);
}

/* Where the value of a member begins, or NULL; serde_json writes no blanks. */
static const char *member(const char *line, const char *name)
{
    char pattern[64];
    const char *found;

    snprintf(pattern, sizeof pattern, "\"%s\":", name);
    found = strstr(line, pattern);
    return found == NULL ? NULL : found + strlen(pattern);
}

/* A string's text, in new memory; NULL where there is no string. */
static char *string(const char *line, const char *name)
{
    const char *value = member(line, name);
    const char *end = value != NULL && *value == '"' ? strchr(value + 1, '"') : NULL;

    return end == NULL ? NULL : strndup(value + 1, (size_t)(end - value - 1));
}

/* What a base64 digit stands for; rk_base64_decode takes a time that grows with the square of the length. */
static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)(found - digits);
}

static gss_buffer_desc octets(const char *line, const char *name)
{
    gss_buffer_desc buffer = GSS_C_EMPTY_BUFFER;
    char *text = string(line, name);
    unsigned char *out;
    unsigned int bits = 0, held = 0;

    if (text == NULL)
        fail(name);
    buffer.value = out = malloc(strlen(text) + 1);
    if (out == NULL)
        fail("no memory");
    for (const char *c = text; digit(*c) >= 0; c++) {
        held = held << 6 | (unsigned int)digit(*c);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[buffer.length++] = (unsigned char)(held >> bits);
        }
    }
    free(text);
    return buffer;
}

static void print_octets(const gss_buffer_desc *buffer)
{
    char *text = NULL;

    if (rk_base64_encode(buffer->value, (int)buffer->length, &text) < 0)
        fail("no memory");
    printf("\"%s\"", text);
    free(text);
}

/* Prints the refusal, if it is one: also where a message is good and out of order. */
static int refused(OM_uint32 major, OM_uint32 minor)
{
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;

    if ((major & ~(OM_uint32)GSS_S_CONTINUE_NEEDED) == GSS_S_COMPLETE)
        return 0;
    gss_display_status(&ignored, major, GSS_C_GSS_CODE, mechanism, &more, &text);
    printf("{\"error\": {\"major\": %u, \"minor\": %u, \"text\": \"", major, minor);
    for (size_t i = 0; i < text.length; i++) {
        char c = ((const char *)text.value)[i];
        putchar(c < ' ' || c == '"' || c == '\\' ? '?' : c);
    }
    printf("\"}}\n");
    gss_release_buffer(&ignored, &text);
    return 1;
}

static void leg(gss_buffer_t input)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored, minor, granted = 0;
    OM_uint32 major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, service, mechanism, wanted, 0,
                                           bindings.application_data.length > 0 ? &bindings : GSS_C_NO_CHANNEL_BINDINGS,
                                           input, NULL, &output, &granted, NULL);
    const char *separator = "";

    if (!refused(major, minor)) {
        printf("{\"complete\": %s, \"token\": ", major == GSS_S_COMPLETE ? "true" : "false");
        if (output.length > 0)
            print_octets(&output);
        else
            printf("null");
        printf(", \"flags\": [");
        for (size_t i = 0; major == GSS_S_COMPLETE && i < flag_count; i++) {
            if (granted & flags[i].flag) {
                printf("%s\"%s\"", separator, flags[i].name);
                separator = ", ";
            }
        }
        printf("]}\n");
    }
    gss_release_buffer(&ignored, &output);
}

static void init(const char *line)
{
    OM_uint32 minor;
    char *name = string(line, "service"), *mech = string(line, "mech"), *binding = string(line, "channel_bindings");
    const char *list = member(line, "flags");
    gss_buffer_desc text;

    if (name == NULL || mech == NULL || list == NULL)
        fail("init: service, mech and flags");
    gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    gss_release_name(&minor, &service);
    text.value = name;
    text.length = strlen(name);
    if (gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, &service) != GSS_S_COMPLETE)
        fail("gss_import_name");
    mechanism = strcmp(mech, "krb5") == 0 ? GSS_KRB5_MECHANISM : GSS_SPNEGO_MECHANISM;
    wanted = 0;
    for (size_t i = 0; i < flag_count; i++) {
        char quoted[16];
        const char *found;

        snprintf(quoted, sizeof quoted, "\"%s\"", flags[i].name);
        found = strstr(list, quoted);
        if (found != NULL && found < strchr(list, ']'))
            wanted |= flags[i].flag;
    }
    free(bindings.application_data.value);
    memset(&bindings, 0, sizeof bindings);
    if (binding != NULL)
        bindings.application_data = octets(line, "channel_bindings");
    free(name);
    free(mech);
    free(binding);
    leg(GSS_C_NO_BUFFER);
}

static void step(const char *line)
{
    gss_buffer_desc token = octets(line, "token");

    leg(&token);
    free(token.value);
}

static void print_token(OM_uint32 major, OM_uint32 minor, gss_buffer_t token)
{
    if (!refused(major, minor)) {
        printf("{\"token\": ");
        print_octets(token);
        printf("}\n");
    }
    gss_release_buffer(&minor, token);
}

static void wrap(const char *line)
{
    gss_buffer_desc message = octets(line, "message"), token = GSS_C_EMPTY_BUFFER;
    const char *encrypt = member(line, "encrypt");
    int sealed = encrypt != NULL && *encrypt == 't', was_sealed = 0;
    OM_uint32 minor, major = gss_wrap(&minor, context, sealed, GSS_C_QOP_DEFAULT, &message, &was_sealed, &token);

    if (major == GSS_S_COMPLETE && was_sealed != sealed)
        fail("wrap: another confidentiality than asked for");
    print_token(major, minor, &token);
    free(message.value);
}

static void unwrap(const char *line)
{
    gss_buffer_desc token = octets(line, "token"), message = GSS_C_EMPTY_BUFFER;
    int sealed = 0;
    OM_uint32 ignored, minor, major = gss_unwrap(&minor, context, &token, &message, &sealed, NULL);

    if (!refused(major, minor)) {
        printf("{\"message\": ");
        print_octets(&message);
        printf(", \"encrypted\": %s}\n", sealed ? "true" : "false");
    }
    gss_release_buffer(&ignored, &message);
    free(token.value);
}

static void mic(const char *line)
{
    gss_buffer_desc message = octets(line, "message"), token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &message, &token);

    print_token(major, minor, &token);
    free(message.value);
}

static void verify_mic(const char *line)
{
    gss_buffer_desc message = octets(line, "message"), token = octets(line, "mic");
    OM_uint32 minor, major = gss_verify_mic(&minor, context, &message, &token, NULL);

    if (!refused(major, minor))
        printf("{\"ok\": true}\n");
    free(message.value);
    free(token.value);
}

static void answer(const char *line)
{
    static const struct {
        const char *name;
        void (*answer)(const char *);
    } commands[] = {{"init", init}, {"step", step}, {"wrap", wrap}, {"unwrap", unwrap}, {"mic", mic}, {"verify_mic", verify_mic}};

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        size_t length = strlen(commands[i].name);

        if (strncmp(line, "{\"", 2) == 0 && strncmp(line + 2, commands[i].name, length) == 0 && line[2 + length] == '"') {
            commands[i].answer(line);
            return;
        }
    }
    fail("no such command");
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        answer(line);
        fflush(stdout);
    }
    free(line);
    return 0;
}
