import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.ietf.jgss.ChannelBinding;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

/**
 * Java's initiator behind the line protocol of initiator.py.
 *
 * A refusal has Java's own number where RFC 2744 has the routine error.
 *
 * Bindings are those that the JDK's own LDAP and HTTPS clients use. "java" as the first of the flags stands for those
 * that an application makes by the public class, which hash another address type.
 */
public final class Initiator {
    private static final GSSManager MANAGER = GSSManager.getInstance();
    private static final Pattern COMMAND = Pattern.compile("^\\{\"(\\w+)\":");

    private GSSContext context;

    public static void main(String[] arguments) throws Exception {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Initiator initiator = new Initiator();
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(initiator.answer(line));
            answers.flush();
        }
    }

    private String answer(String line) throws Exception {
        Matcher command = COMMAND.matcher(line);
        if (!command.find()) {
            throw new IOException("no command: " + line);
        }
        try {
            switch (command.group(1)) {
                case "init": return init(line);
                case "step": return leg(octets(line, "token"));
                case "wrap": return wrap(octets(line, "message"), word(line, "encrypt").equals("true"));
                case "unwrap": return unwrap(octets(line, "token"));
                case "mic": return mic(octets(line, "message"));
                case "verify_mic": return verifyMic(octets(line, "message"), octets(line, "mic"));
                default: throw new IOException("no such command: " + line);
            }
        } catch (GSSException error) {
            return refusal((long) error.getMajor() << 16, error.getMinor(), error.toString());
        } catch (RuntimeException error) {
            // Some broken tokens are more than JGSS expects.
            return refusal((long) GSSException.FAILURE << 16, 0, error.toString());
        }
    }

    private String init(String line) throws Exception {
        Oid krb5 = new Oid("1.2.840.113554.1.2.2");
        Oid mechanism = word(line, "mech").equals("krb5") ? krb5 : new Oid("1.3.6.1.5.5.2");
        String flags = value(line, "flags", "\\[([^\\]]*)\\]");
        GSSName service = MANAGER.createName(word(line, "service"), new Oid("1.2.840.113554.1.2.2.1"), krb5);
        context = MANAGER.createContext(service, mechanism, null, GSSContext.DEFAULT_LIFETIME);
        context.requestMutualAuth(flags.contains("\"mutual\""));
        context.requestReplayDet(flags.contains("\"replay\""));
        context.requestSequenceDet(flags.contains("\"sequence\""));
        context.requestConf(flags.contains("\"conf\""));
        context.requestInteg(flags.contains("\"integ\""));
        context.requestCredDeleg(flags.contains("\"deleg\""));
        if (!word(line, "channel_bindings").isEmpty()) {
            context.setChannelBinding(bindings(octets(line, "channel_bindings"), flags.contains("\"java\"")));
        }
        return leg(new byte[0]);
    }

    private static ChannelBinding bindings(byte[] applicationData, boolean publicClass) throws Exception {
        if (publicClass) {
            return new ChannelBinding(applicationData);
        }
        Class<?> tls = Class.forName("sun.security.jgss.krb5.internal.TlsChannelBindingImpl");
        return (ChannelBinding) tls.getConstructor(byte[].class).newInstance(applicationData);
    }

    private String leg(byte[] token) throws GSSException {
        byte[] answer = context.initSecContext(token, 0, token.length);
        boolean complete = context.isEstablished();
        List<String> flags = new ArrayList<>();
        if (complete) {
            note(flags, "deleg", context.getCredDelegState());
            note(flags, "mutual", context.getMutualAuthState());
            note(flags, "replay", context.getReplayDetState());
            note(flags, "sequence", context.getSequenceDetState());
            note(flags, "conf", context.getConfState());
            note(flags, "integ", context.getIntegState());
        }
        String text = answer == null || answer.length == 0 ? "null" : quoted(answer);
        return "{\"complete\": " + complete + ", \"token\": " + text + ", \"flags\": [" + String.join(", ", flags) + "]}";
    }

    private static void note(List<String> flags, String name, boolean set) {
        if (set) {
            flags.add('"' + name + '"');
        }
    }

    private String wrap(byte[] message, boolean encrypt) throws GSSException {
        return "{\"token\": " + quoted(context.wrap(message, 0, message.length, new MessageProp(encrypt))) + "}";
    }

    private String unwrap(byte[] token) throws GSSException {
        MessageProp found = new MessageProp(true);
        byte[] message = context.unwrap(token, 0, token.length, found);
        int order = order(found);
        if (order != 0) {
            return refusal(order, 0, "out of order");
        }
        return "{\"message\": " + quoted(message) + ", \"encrypted\": " + found.getPrivacy() + "}";
    }

    private String mic(byte[] message) throws GSSException {
        return "{\"token\": " + quoted(context.getMIC(message, 0, message.length, new MessageProp(false))) + "}";
    }

    private String verifyMic(byte[] message, byte[] mic) throws GSSException {
        MessageProp found = new MessageProp(false);
        context.verifyMIC(mic, 0, mic.length, message, 0, message.length, found);
        int order = order(found);
        return order == 0 ? "{\"ok\": true}" : refusal(order, 0, "out of order");
    }

    /** The supplementary bits of RFC 2744's major status, which Java gives as separate answers. */
    private static int order(MessageProp found) {
        return (found.isDuplicateToken() ? 2 : 0) | (found.isOldToken() ? 4 : 0) | (found.isUnseqToken() ? 8 : 0)
            | (found.isGapToken() ? 16 : 0);
    }

    private static String refusal(long major, long minor, String text) {
        String plain = text.replaceAll("[^ -~]|[\"\\\\]", "?");
        return "{\"error\": {\"major\": " + major + ", \"minor\": " + (minor & 0xffffffffL) + ", \"text\": \"" + plain + "\"}}";
    }

    private static byte[] octets(String line, String name) {
        return Base64.getDecoder().decode(word(line, name));
    }

    /** The value of a string or a word; empty where there is none. */
    private static String word(String line, String name) {
        String word = value(line, name, "\"?([^\",}]*)");
        return word.equals("null") ? "" : word;
    }

    private static String value(String line, String name, String pattern) {
        Matcher matcher = Pattern.compile("\"" + name + "\": ?" + pattern).matcher(line);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static String quoted(byte[] data) {
        return '"' + Base64.getEncoder().encodeToString(data) + '"';
    }
}
