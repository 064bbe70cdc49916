/* Heimdal's initiator behind the line protocol of initiator.py. */

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <gssapi/gssapi_spnego.h>

#include "line.h"

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
    {"dce", GSS_C_DCE_STYLE}, {"anonymous", GSS_C_ANON_FLAG},
};
static const size_t flag_count = sizeof flags / sizeof flags[0];

static gss_buffer_desc buffer(const char *line, const char *name)
{
    gss_buffer_desc buffer;

    buffer.value = octets(line, name, &buffer.length);
    return buffer;
}

/* Prints the refusal, if it is one: also where a message is good and out of order. */
static int refused(OM_uint32 major, OM_uint32 minor)
{
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;

    if ((major & ~(OM_uint32)GSS_S_CONTINUE_NEEDED) == GSS_S_COMPLETE)
        return 0;
    gss_display_status(&ignored, major, GSS_C_GSS_CODE, mechanism, &more, &text);
    print_refusal(major, minor, text.value, text.length);
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
            print_octets(output.value, output.length);
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
        bindings.application_data = buffer(line, "channel_bindings");
    free(name);
    free(mech);
    free(binding);
    leg(GSS_C_NO_BUFFER);
}

static void step(const char *line)
{
    gss_buffer_desc token = buffer(line, "token");

    leg(&token);
    free(token.value);
}

static void print_token(OM_uint32 major, OM_uint32 minor, gss_buffer_t token)
{
    if (!refused(major, minor)) {
        printf("{\"token\": ");
        print_octets(token->value, token->length);
        printf("}\n");
    }
    gss_release_buffer(&minor, token);
}

static void wrap(const char *line)
{
    gss_buffer_desc message = buffer(line, "message"), token = GSS_C_EMPTY_BUFFER;
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
    gss_buffer_desc token = buffer(line, "token"), message = GSS_C_EMPTY_BUFFER;
    int sealed = 0;
    OM_uint32 ignored, minor, major = gss_unwrap(&minor, context, &token, &message, &sealed, NULL);

    if (!refused(major, minor)) {
        printf("{\"message\": ");
        print_octets(message.value, message.length);
        printf(", \"encrypted\": %s}\n", sealed ? "true" : "false");
    }
    gss_release_buffer(&ignored, &message);
    free(token.value);
}

static void mic(const char *line)
{
    gss_buffer_desc message = buffer(line, "message"), token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &message, &token);

    print_token(major, minor, &token);
    free(message.value);
}

static void verify_mic(const char *line)
{
    gss_buffer_desc message = buffer(line, "message"), token = buffer(line, "mic");
    OM_uint32 minor, major = gss_verify_mic(&minor, context, &message, &token, NULL);

    if (!refused(major, minor))
        printf("{\"ok\": true}\n");
    free(message.value);
    free(token.value);
}

int main(void)
{
    static const struct command commands[] = {
        {"init", init}, {"step", step}, {"wrap", wrap}, {"unwrap", unwrap}, {"mic", mic}, {"verify_mic", verify_mic},
    };

    answer_all(commands, sizeof commands / sizeof commands[0]);
    return 0;
}
