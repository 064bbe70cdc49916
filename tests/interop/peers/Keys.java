import java.io.File;
import java.util.HexFormat;
import javax.security.auth.kerberos.KerberosKey;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.auth.kerberos.KeyTab;

/** The keys of a principal that Java finds in a keytab, one a line: kvno, enctype, octets. */
final class Keys {
    public static void main(String[] arguments) {
        KerberosPrincipal principal = new KerberosPrincipal(arguments[1]);
        for (KerberosKey key : KeyTab.getInstance(principal, new File(arguments[0])).getKeys(principal)) {
            System.out.printf("%d %d %s%n", key.getVersionNumber(), key.getKeyType(), HexFormat.of().formatHex(key.getEncoded()));
        }
    }
}
