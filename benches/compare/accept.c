/*
 * MIT's acceptor over tokens that were minted elsewhere, one pass for each line on standard input.
 *
 *   KRB5_CONFIG=… KRB5_KTNAME=… KRB5RCACHENAME=… accept TOKENS [SERVICE]
 *
 * TOKENS holds each token behind its length in four octets, the highest first. SERVICE, HTTP@web.example.com for example,
 * is what credentials are acquired for, once; without it there are none, and each call looks for the default ones. A pass
 * accepts every token once, with the client's name and the reply, and writes how many nanoseconds that took. COPY_KEYTAB, MEMORY:name for
 * example, is where the keys are copied to from KRB5_KTNAME at the start.
 */

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct tokens {
    gss_buffer_desc *list;
    size_t count;
};

static void fail(const char *reason)
{
    fprintf(stderr, "%s\n", reason);
    exit(1);
}

static void print_status(OM_uint32 code, int type)
{
    OM_uint32 minor, context = 0;
    gss_buffer_desc text;

    do {
        if (GSS_ERROR(gss_display_status(&minor, code, type, GSS_C_NO_OID, &context, &text)))
            return;
        fprintf(stderr, "%.*s\n", (int)text.length, (const char *)text.value);
        gss_release_buffer(&minor, &text);
    } while (context != 0);
}

static void check(OM_uint32 major, OM_uint32 minor, const char *call)
{
    if (major == GSS_S_COMPLETE)
        return;
    fprintf(stderr, "%s:\n", call);
    print_status(major, GSS_C_GSS_CODE);
    print_status(minor, GSS_C_MECH_CODE);
    exit(1);
}

static struct tokens read_tokens(const char *path)
{
    struct tokens tokens = {NULL, 0};
    unsigned char length[4];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        fail("the file of tokens cannot be opened");
    while (fread(length, 1, sizeof length, file) == sizeof length) {
        gss_buffer_desc *token;

        tokens.list = realloc(tokens.list, (tokens.count + 1) * sizeof *tokens.list);
        if (tokens.list == NULL)
            fail("no memory");
        token = &tokens.list[tokens.count++];
        token->length = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
        token->value = malloc(token->length);
        if (token->value == NULL || fread(token->value, 1, token->length, file) != token->length)
            fail("the file of tokens is cut off");
    }
    fclose(file);
    return tokens;
}

/* Copies the keys of the default keytab to the one of that name, which becomes the default. */
static void copy_keytab(const char *name)
{
    krb5_context context;
    krb5_keytab from, to;
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;

    if (krb5_init_context(&context) != 0 || krb5_kt_default(context, &from) != 0 ||
        krb5_kt_resolve(context, name, &to) != 0 || krb5_kt_start_seq_get(context, from, &cursor) != 0)
        fail("the keytab cannot be copied");
    while (krb5_kt_next_entry(context, from, &entry, &cursor) == 0) {
        if (krb5_kt_add_entry(context, to, &entry) != 0)
            fail("a key cannot be copied");
        krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, from, &cursor);
    krb5_kt_close(context, from);
    if (krb5_gss_register_acceptor_identity(name) != GSS_S_COMPLETE)
        fail("the copied keytab cannot be used");
    /* `to` stays open, and with it the keytab. */
}

static gss_cred_id_t acquire(const char *service)
{
    OM_uint32 major, minor;
    gss_buffer_desc text = {strlen(service), (void *)service};
    gss_name_t name;
    gss_cred_id_t credentials;

    major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);
    check(major, minor, "gss_import_name");
    major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &credentials, NULL, NULL);
    check(major, minor, "gss_acquire_cred");
    gss_release_name(&minor, &name);
    return credentials;
}

static void accept_one(gss_cred_id_t credentials, gss_buffer_desc *token)
{
    OM_uint32 major, minor;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_name_t client = GSS_C_NO_NAME;
    gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;

    major = gss_accept_sec_context(&minor, &context, credentials, token, GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &reply,
                                   NULL, NULL, NULL);
    check(major, minor, "gss_accept_sec_context");
    if (reply.length == 0)
        fail("no mutual authentication");
    gss_release_buffer(&minor, &reply);
    gss_release_name(&minor, &client);
    gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

static long long nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
    struct tokens tokens;
    gss_cred_id_t credentials = GSS_C_NO_CREDENTIAL;

    if (argc < 2)
        fail("usage: accept TOKENS [SERVICE]");
    tokens = read_tokens(argv[1]);
    if (getenv("COPY_KEYTAB") != NULL)
        copy_keytab(getenv("COPY_KEYTAB"));
    if (argc > 2)
        credentials = acquire(argv[2]);
    while (getchar() == '\n') {
        long long begun = nanoseconds();

        for (size_t number = 0; number < tokens.count; number++)
            accept_one(credentials, &tokens.list[number]);
        printf("%lld\n", nanoseconds() - begun);
        fflush(stdout);
    }
    return 0;
}
