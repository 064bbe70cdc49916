import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Fetches a page with the JDK's HttpURLConnection: prints the status, and from the next line on the body. Where there is an
 * exception in place of a status it prints "-".
 *
 *     HttpClient URL [FILE with the certificate of the authority to trust]
 */
public final class HttpClient {
    private static final int MILLISECONDS = 30_000;

    public static void main(String[] arguments) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) new URL(arguments[0]).openConnection();
        connection.setConnectTimeout(MILLISECONDS);
        connection.setReadTimeout(MILLISECONDS);
        if (arguments.length > 1) {
            ((HttpsURLConnection) connection).setSSLSocketFactory(trusting(arguments[1]).getSocketFactory());
        }
        int status;
        try {
            status = connection.getResponseCode();
        } catch (IOException error) {
            // So it says that it can do no more.
            System.out.println("-");
            System.err.println(error);
            return;
        }
        System.out.println(status);
        boolean refused = status >= 400;
        try (InputStream body = refused ? connection.getErrorStream() : connection.getInputStream()) {
            System.out.print(new String(body == null ? new byte[0] : body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static SSLContext trusting(String file) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        try (InputStream authority = new FileInputStream(file)) {
            trusted.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(authority));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
