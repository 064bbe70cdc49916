import java.util.ArrayList;
import java.util.List;

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

    private GSSContext context;

    public static void main(String[] arguments) throws Exception {
        Line.answerAll(new Initiator()::answer);
    }

    private String answer(String command, String line) throws Exception {
        try {
            switch (command) {
                case "init": return init(line);
                case "step": return leg(Line.octets(line, "token"));
                case "wrap": return wrap(Line.octets(line, "message"), Line.word(line, "encrypt").equals("true"));
                case "unwrap": return unwrap(Line.octets(line, "token"));
                case "mic": return mic(Line.octets(line, "message"));
                case "verify_mic": return verifyMic(Line.octets(line, "message"), Line.octets(line, "mic"));
                default: throw Line.unknown(line);
            }
        } catch (GSSException error) {
            return Line.refusal((long) error.getMajor() << 16, error.getMinor(), error.toString());
        } catch (RuntimeException error) {
            // Some broken tokens are more than JGSS expects.
            return Line.refusal((long) GSSException.FAILURE << 16, 0, error.toString());
        }
    }

    private String init(String line) throws Exception {
        Oid krb5 = new Oid("1.2.840.113554.1.2.2");
        Oid mechanism = Line.word(line, "mech").equals("krb5") ? krb5 : new Oid("1.3.6.1.5.5.2");
        String flags = Line.value(line, "flags", "\\[([^\\]]*)\\]");
        GSSName service = MANAGER.createName(Line.word(line, "service"), new Oid("1.2.840.113554.1.2.2.1"), krb5);
        context = MANAGER.createContext(service, mechanism, null, GSSContext.DEFAULT_LIFETIME);
        context.requestMutualAuth(flags.contains("\"mutual\""));
        context.requestReplayDet(flags.contains("\"replay\""));
        context.requestSequenceDet(flags.contains("\"sequence\""));
        context.requestConf(flags.contains("\"conf\""));
        context.requestInteg(flags.contains("\"integ\""));
        context.requestCredDeleg(flags.contains("\"deleg\""));
        context.requestAnonymity(flags.contains("\"anonymous\""));
        if (!Line.word(line, "channel_bindings").isEmpty()) {
            context.setChannelBinding(bindings(Line.octets(line, "channel_bindings"), flags.contains("\"java\"")));
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
            note(flags, "anonymous", context.getAnonymityState());
        }
        String text = answer == null || answer.length == 0 ? "null" : Line.quoted(answer);
        return "{\"complete\": " + complete + ", \"token\": " + text + ", \"flags\": [" + String.join(", ", flags) + "]}";
    }

    private static void note(List<String> flags, String name, boolean set) {
        if (set) {
            flags.add('"' + name + '"');
        }
    }

    private String wrap(byte[] message, boolean encrypt) throws GSSException {
        return "{\"token\": " + Line.quoted(context.wrap(message, 0, message.length, new MessageProp(encrypt))) + "}";
    }

    private String unwrap(byte[] token) throws GSSException {
        MessageProp found = new MessageProp(true);
        byte[] message = context.unwrap(token, 0, token.length, found);
        int order = order(found);
        if (order != 0) {
            return Line.refusal(order, 0, "out of order");
        }
        return "{\"message\": " + Line.quoted(message) + ", \"encrypted\": " + found.getPrivacy() + "}";
    }

    private String mic(byte[] message) throws GSSException {
        return "{\"token\": " + Line.quoted(context.getMIC(message, 0, message.length, new MessageProp(false))) + "}";
    }

    private String verifyMic(byte[] message, byte[] mic) throws GSSException {
        MessageProp found = new MessageProp(false);
        context.verifyMIC(mic, 0, mic.length, message, 0, message.length, found);
        int order = order(found);
        return order == 0 ? "{\"ok\": true}" : Line.refusal(order, 0, "out of order");
    }

    /** The supplementary bits of RFC 2744's major status, which Java gives as separate answers. */
    private static int order(MessageProp found) {
        return (found.isDuplicateToken() ? 2 : 0) | (found.isOldToken() ? 4 : 0) | (found.isUnseqToken() ? 8 : 0)
            | (found.isGapToken() ? 16 : 0);
    }
}
