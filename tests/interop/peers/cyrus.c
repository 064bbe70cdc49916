/* Cyrus's SASL client behind the line protocol of initiator.py, with the commands that SaslInitiator.java has.
 *
 * A refusal has Cyrus's result, its sign turned, where RFC 2744 has the major status. */

#include <sasl/sasl.h>

#include "line.h"

static sasl_conn_t *connection = NULL;
static unsigned char *authorization_id = NULL;

static int user(void *context, int id, const char **result, unsigned *length)
{
    (void)context;
    if (id != SASL_CB_USER)
        return SASL_BADPARAM;
    *result = (const char *)authorization_id;
    if (length != NULL)
        *length = (unsigned)strlen(*result);
    return SASL_OK;
}

static const sasl_callback_t callbacks[] = {
    {SASL_CB_USER, (int (*)(void))(void (*)(void))user, NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

/* Prints the refusal, if it is one. */
static int refused(int result)
{
    const char *text;

    if (result == SASL_OK || result == SASL_CONTINUE)
        return 0;
    text = connection == NULL ? sasl_errstring(result, NULL, NULL) : sasl_errdetail(connection);
    print_refusal((unsigned int)-result, 0, text, strlen(text));
    return 1;
}

/* How many octets one message may have; 0 before the end, and without a layer. */
static unsigned max_message(int result)
{
    const void *value = NULL;

    if (result != SASL_OK || sasl_getprop(connection, SASL_MAXOUTBUF, &value) != SASL_OK || value == NULL)
        return 0;
    return *(const unsigned *)value;
}

/* A response that is empty has no octets here, and is one all the same. */
static void leg(int result, const char *response, unsigned length)
{
    if (refused(result))
        return;
    printf("{\"complete\": %s, \"token\": ", result == SASL_OK ? "true" : "false");
    print_octets(response, length);
    printf(", \"max_message\": %u}\n", max_message(result));
}

/* The least and the most that a layer is to be worth: 1 is integrity, and everything above it confidentiality. */
static sasl_security_properties_t properties(const char *qop, unsigned max_buffer)
{
    sasl_security_properties_t properties = {0};

    if (strcmp(qop, "auth-int") == 0) {
        properties.min_ssf = properties.max_ssf = 1;
    } else if (strcmp(qop, "auth-conf") == 0) {
        properties.min_ssf = 2;
        properties.max_ssf = 256;
    }
    properties.maxbufsize = max_buffer;
    return properties;
}

static void start(const char *line)
{
    char *host = string(line, "host"), *qop = string(line, "qop");
    const char *max_buffer = member(line, "max_buffer"), *response = NULL;
    sasl_security_properties_t wanted;
    unsigned length = 0;
    size_t id_length;
    int result;

    if (host == NULL || qop == NULL || max_buffer == NULL)
        fail("start: host, qop and max_buffer");
    sasl_dispose(&connection);
    free(authorization_id);
    authorization_id = octets(line, "authorization_id", &id_length);
    result = sasl_client_new("HTTP", host, NULL, NULL, callbacks, 0, &connection);
    if (result == SASL_OK) {
        wanted = properties(qop, (unsigned)strtoul(max_buffer, NULL, 10));
        result = sasl_setprop(connection, SASL_SEC_PROPS, &wanted);
    }
    if (result == SASL_OK)
        result = sasl_client_start(connection, "GSSAPI", NULL, &response, &length, NULL);
    leg(result, response, length);
    free(host);
    free(qop);
}

static void step(const char *line)
{
    size_t length;
    unsigned response_length = 0;
    const char *response = NULL;
    unsigned char *challenge = octets(line, "token", &length);
    int result = sasl_client_step(connection, (char *)challenge, (unsigned)length, NULL, &response, &response_length);

    leg(result, response, response_length);
    free(challenge);
}

static void code(const char *line, const char *from, const char *to,
                 int (*code)(sasl_conn_t *, const char *, unsigned, const char **, unsigned *))
{
    size_t length;
    unsigned out_length = 0;
    const char *out = NULL;
    unsigned char *in = octets(line, from, &length);

    if (!refused(code(connection, (char *)in, (unsigned)length, &out, &out_length))) {
        printf("{\"%s\": ", to);
        print_octets(out, out_length);
        printf("}\n");
    }
    free(in);
}

static void wrap(const char *line)
{
    code(line, "message", "token", sasl_encode);
}

static void unwrap(const char *line)
{
    code(line, "token", "message", sasl_decode);
}

int main(void)
{
    static const struct command commands[] = {{"start", start}, {"step", step}, {"wrap", wrap}, {"unwrap", unwrap}};

    if (sasl_client_init(NULL) != SASL_OK)
        fail("sasl_client_init");
    answer_all(commands, sizeof commands / sizeof commands[0]);
    return 0;
}
