import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The line protocol of initiator.py: what reads its requests and writes its answers. */
final class Line {
    private static final Pattern COMMAND = Pattern.compile("^\\{\"(\\w+)\":");

    private Line() {
    }

    /** What a peer answers to a command and the line that it came in. */
    interface Peer {
        String answer(String command, String line) throws Exception;
    }

    /** Every line of the standard input, until it ends. */
    static void answerAll(Peer peer) throws Exception {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Matcher command = COMMAND.matcher(line);
            if (!command.find()) {
                throw unknown(line);
            }
            answers.println(peer.answer(command.group(1), line));
            answers.flush();
        }
    }

    static IOException unknown(String line) {
        return new IOException("no such command: " + line);
    }

    static String refusal(long major, long minor, String text) {
        String plain = text.replaceAll("[^ -~]|[\"\\\\]", "?");
        return "{\"error\": {\"major\": " + major + ", \"minor\": " + (minor & 0xffffffffL) + ", \"text\": \"" + plain + "\"}}";
    }

    static byte[] octets(String line, String name) {
        return Base64.getDecoder().decode(word(line, name));
    }

    /** The value of a string or a word; empty where there is none. */
    static String word(String line, String name) {
        String word = value(line, name, "\"?([^\",}]*)");
        return word.equals("null") ? "" : word;
    }

    static String value(String line, String name, String pattern) {
        Matcher matcher = Pattern.compile("\"" + name + "\": ?" + pattern).matcher(line);
        return matcher.find() ? matcher.group(1) : "";
    }

    static String quoted(byte[] data) {
        return '"' + Base64.getEncoder().encodeToString(data) + '"';
    }
}
