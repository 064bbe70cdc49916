import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;

import org.ietf.jgss.GSSException;

/**
 * Java's SASL client for GSSAPI behind the line protocol of initiator.py, with commands of its own:
 *
 *     {"start": {"host": ..., "qop": ..., "max_buffer": NUMBER, "server_auth": true, "authorization_id": BASE64}}
 *     {"step": {"token": BASE64}}   {"wrap": {"message": BASE64}}   {"unwrap": {"token": BASE64}}
 *
 * "start" and "step" answer {"complete": ..., "token": BASE64, "max_message": NUMBER}. The length in front of a
 * buffer is written and read here, as applications do it. A refusal has Java's own number where RFC 2744 has the routine
 * error.
 */
public final class SaslInitiator {
    private SaslClient client;

    public static void main(String[] arguments) throws Exception {
        Line.answerAll(new SaslInitiator()::answer);
    }

    private String answer(String command, String line) throws Exception {
        try {
            switch (command) {
                case "start": return start(line);
                case "step": return leg(client.evaluateChallenge(Line.octets(line, "token")));
                case "wrap": return wrap(Line.octets(line, "message"));
                case "unwrap": return unwrap(Line.octets(line, "token"));
                default: throw Line.unknown(line);
            }
        } catch (SaslException error) {
            Throwable cause = error.getCause();
            long major = cause instanceof GSSException ? ((GSSException) cause).getMajor() : GSSException.FAILURE;
            return Line.refusal(major << 16, 0, error.toString());
        }
    }

    private String start(String line) throws SaslException {
        String id = new String(Line.octets(line, "authorization_id"), StandardCharsets.UTF_8);
        Map<String, String> properties = new HashMap<>();
        properties.put(Sasl.QOP, Line.word(line, "qop"));
        properties.put(Sasl.MAX_BUFFER, Line.word(line, "max_buffer"));
        properties.put(Sasl.SERVER_AUTH, Line.word(line, "server_auth"));
        client = Sasl.createSaslClient(new String[] {"GSSAPI"}, id.isEmpty() ? null : id, "HTTP", Line.word(line, "host"),
            properties, null);
        return leg(client.evaluateChallenge(new byte[0]));
    }

    private String leg(byte[] response) {
        boolean complete = client.isComplete();
        boolean layer = complete && !client.getNegotiatedProperty(Sasl.QOP).equals("auth");
        Object room = layer ? client.getNegotiatedProperty(Sasl.RAW_SEND_SIZE) : "0";
        return "{\"complete\": " + complete + ", \"token\": " + Line.quoted(response) + ", \"max_message\": " + room + "}";
    }

    private String wrap(byte[] message) throws SaslException {
        byte[] token = client.wrap(message, 0, message.length);
        return "{\"token\": " + Line.quoted(ByteBuffer.allocate(4 + token.length).putInt(token.length).put(token).array()) + "}";
    }

    private String unwrap(byte[] buffer) throws SaslException {
        int length = ByteBuffer.wrap(buffer).getInt();
        return "{\"message\": " + Line.quoted(client.unwrap(buffer, 4, length)) + "}";
    }
}
