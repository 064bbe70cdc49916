//! SASL's GSSAPI with clients that nobody here wrote: Java's and Cyrus's, with every layer, and messages both ways.

use kerbside::gss::{Rc4Messages, SessionError};
use kerbside::numbers::Enctype;
use kerbside::sasl::{BufferLimit, Gssapi, Incoming, Layer, LayerError, LayerPolicy, SaslErrorKind, SecurityLayer};
use kerbside::{Acceptor, EnctypeRole, Policy};
use kerbside_interop::suite::ENCTYPES;
use kerbside_interop::{LoginRefused, Peer, Qop, Realm, SaslClient, SaslRequest, ServerAuth};

const LAYERS: [(Qop, Layer); 3] =
    [(Qop::Auth, Layer::None), (Qop::AuthInt, Layer::Integrity), (Qop::AuthConf, Layer::Confidentiality)];
const PROTECTED: [Qop; 2] = [Qop::AuthInt, Qop::AuthConf];

/// The service's enctype where it does not matter.
const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// One client with alice's ticket, and the mechanism for the services with a key of one enctype each.
struct Connection {
    client: SaslClient,
    gssapi: Gssapi,
}

impl Connection {
    fn of(peer: Peer, layers: LayerPolicy) -> Self {
        let mut policy = Policy::default();
        policy.rc4_messages = Rc4Messages::Allow;
        Self::under(peer, layers, policy)
    }

    fn under(peer: Peer, layers: LayerPolicy, mut policy: Policy) -> Self {
        let realm = Realm::started();
        policy.enctypes.allow_everywhere(Enctype::RC4_HMAC);
        let builder = Acceptor::builder(realm.keytab("enctypes")).service("HTTP").policy(policy);
        let gssapi = Gssapi::new(builder.build().expect("the acceptor is complete")).layers(layers);
        Self { client: SaslClient::start(peer, &realm, realm.kinit("alice", &[])), gssapi }
    }

    /// A login that must succeed, as alice's.
    fn layer(&mut self, request: &SaslRequest) -> Option<SecurityLayer> {
        let authenticated =
            self.client.log_in(&self.gssapi, request).unwrap_or_else(|refused| panic!("{request:?}: {refused:?}"));
        assert_eq!(authenticated.client().to_string(), "alice@KERBSIDE.TEST");
        assert_eq!(authenticated.accepted().tolerances(), []);
        authenticated.into_layer()
    }

    fn protected(&mut self, request: &SaslRequest) -> SecurityLayer {
        self.layer(request).expect("a layer was agreed on")
    }

    /// A message both ways.
    fn exchange(&mut self, layer: &mut SecurityLayer, message: &[u8]) {
        let buffer = layer.wrap(message).expect("the layer sends");
        assert_eq!(self.client.unwrap(&buffer).expect("the client takes it"), message);
        let buffer = self.client.wrap(message).expect("the client sends");
        assert_eq!(taken(layer, &buffer), message);
    }
}

fn request(enctype: Enctype, qop: Qop) -> SaslRequest {
    SaslRequest::to(enctype.name().expect("a supported enctype has a name"), qop)
}

/// The message in a buffer, which is all that was received.
fn taken(layer: &mut SecurityLayer, received: &[u8]) -> Vec<u8> {
    match layer.unwrap(received) {
        Ok(Incoming::Message { message, buffer_octets }) if buffer_octets == received.len() => message,
        other => panic!("{other:?}"),
    }
}

/// The messages in several buffers, one behind the other.
fn taken_of_several(layer: &mut SecurityLayer, mut received: &[u8]) -> Vec<u8> {
    let mut taken = Vec::new();
    while !received.is_empty() {
        let Ok(Incoming::Message { message, buffer_octets }) = layer.unwrap(received) else { panic!("a part is left") };
        taken.extend(message);
        received = &received[buffer_octets..];
    }
    taken
}

fn agrees_on_every_layer_with_every_enctype(peer: Peer) {
    let mut connection = Connection::of(peer, LayerPolicy::Allow);
    for enctype in ENCTYPES {
        for (qop, expected) in LAYERS {
            let layer = connection.layer(&request(enctype, qop));
            assert_eq!(layer.as_ref().map_or(Layer::None, SecurityLayer::layer), expected, "{enctype:?}");
            if let Some(mut layer) = layer {
                for octets in [1, 15, 16, 17, 4_096, 60_000] {
                    connection.exchange(&mut layer, &vec![0xa5; octets]);
                }
            }
        }
    }
}

fn agrees_where_only_its_layer_is_offered(peer: Peer) {
    for (policy, qop, expected) in [
        (LayerPolicy::Refuse, Qop::Auth, Layer::None),
        (LayerPolicy::RequireIntegrity, Qop::AuthInt, Layer::Integrity),
        (LayerPolicy::RequireIntegrity, Qop::AuthConf, Layer::Confidentiality),
        (LayerPolicy::RequireConfidentiality, Qop::AuthConf, Layer::Confidentiality),
    ] {
        let layer = Connection::of(peer, policy).layer(&request(ENCTYPE, qop));
        assert_eq!(layer.map_or(Layer::None, |layer| layer.layer()), expected, "{policy:?}");
    }
}

/// Whichever side sees it first refuses: nobody is authenticated.
fn never_agrees_on_a_layer_that_was_not_offered(peer: Peer) {
    for (policy, qop) in [
        (LayerPolicy::Refuse, Qop::AuthInt),
        (LayerPolicy::Refuse, Qop::AuthConf),
        (LayerPolicy::RequireIntegrity, Qop::Auth),
        (LayerPolicy::RequireConfidentiality, Qop::Auth),
        (LayerPolicy::RequireConfidentiality, Qop::AuthInt),
    ] {
        let mut connection = Connection::of(peer, policy);
        let refused =
            connection.client.log_in(&connection.gssapi, &request(ENCTYPE, qop)).expect_err("no common layer");
        match refused {
            LoginRefused::Client(_) => {}
            LoginRefused::Server(error) => assert_eq!(error.kind().name(), "Sasl.NoCommonLayer", "{policy:?} {qop:?}"),
        }
    }
}

fn hands_over_the_authorization_identity(peer: Peer) {
    let mut connection = Connection::of(peer, LayerPolicy::Allow);
    for (qop, _) in LAYERS {
        for id in ["bob", "josé", "bob@KERBSIDE.TEST"] {
            let request = request(ENCTYPE, qop).authorization_id(id);
            let authenticated = connection.client.log_in(&connection.gssapi, &request).expect("both sides agree");
            assert_eq!(authenticated.authorization_id(), Some(id));
            assert_eq!(authenticated.client().to_string(), "alice@KERBSIDE.TEST");
        }
    }
}

/// What the client takes bounds what is sent, to the octet.
fn takes_the_longest_message_that_its_buffer_holds(peer: Peer) {
    let mut connection = Connection::of(peer, LayerPolicy::Allow);
    for qop in PROTECTED {
        for max_buffer in [1_024, 65_536, 0xff_ffff] {
            let mut layer = connection.protected(&request(ENCTYPE, qop).max_buffer(max_buffer));
            let limit = layer.max_message_octets();
            // A message of 16 MiB is enough to wait for once.
            let octets = limit.min(1 << 20);
            let buffer = layer.wrap(&vec![0x5a; octets]).expect("so much fits");
            assert_eq!(connection.client.unwrap(&buffer).expect("the client takes it").len(), octets);
            let expected = LayerError::MessageTooLong { octets: limit + 1, limit };
            assert_eq!(layer.wrap(&vec![0x5a; limit + 1]), Err(expected));
        }
    }
}

/// What was offered to the client bounds what it says it may send, and that is taken. Of more, Cyrus makes several
/// buffers; Java makes one, and it is refused by its length.
fn sends_the_longest_message_that_was_offered(peer: Peer) {
    for octets in [1_024, 65_536, 0x10_0000] {
        let mut connection = Connection::of(peer, LayerPolicy::Allow);
        let limit = BufferLimit::new(octets).expect("it is a limit");
        connection.gssapi = connection.gssapi.receive_limit(limit);
        for qop in PROTECTED {
            let mut layer = connection.protected(&request(ENCTYPE, qop).max_buffer(0x10_0000));
            let longest = vec![0xc3; connection.client.max_message()];
            assert!(longest.len() > limit.octets() - 100, "{}", longest.len());
            let buffer = connection.client.wrap(&longest).expect("the client sends it");
            assert_eq!(taken(&mut layer, &buffer), longest);
            let longer = vec![0xc3; limit.octets()];
            let sent = connection.client.wrap(&longer).expect("the client sends it");
            if peer == Peer::Cyrus {
                assert_eq!(taken_of_several(&mut layer, &sent), longer);
            } else {
                let expected = LayerError::BufferTooLong { octets: sent.len() - 4, limit: limit.octets() };
                assert_eq!(layer.unwrap(&sent[..4]), Err(expected));
            }
        }
    }
}

fn refuses_a_turned_bit_of_a_message(peer: Peer) {
    let mut connection = Connection::of(peer, LayerPolicy::Allow);
    for qop in PROTECTED {
        let mut layer = connection.protected(&request(ENCTYPE, qop));
        let mut buffer = layer.wrap(b"message").expect("the layer sends");
        *buffer.last_mut().expect("it has octets") ^= 1;
        connection.client.unwrap(&buffer).expect_err("the client refuses it");

        let mut layer = connection.protected(&request(ENCTYPE, qop));
        let mut buffer = connection.client.wrap(b"message").expect("the client sends");
        *buffer.last_mut().expect("it has octets") ^= 1;
        assert_eq!(layer.unwrap(&buffer), Err(LayerError::Session(SessionError::Integrity)));
    }
}

/// The acceptor likes no other key better, which Cyrus's library would agree to (RFC 4537). Nothing is said of layers then,
/// not even that there is none.
fn is_refused_by_name_under_rc4_unless_that_is_allowed(peer: Peer) {
    for (rc4_messages, allowed) in [(Rc4Messages::Refuse, false), (Rc4Messages::Allow, true)] {
        let mut policy = Policy::default();
        policy.rc4_messages = rc4_messages;
        policy.enctypes.set(EnctypeRole::Subkey, [Enctype::RC4_HMAC]);
        let mut connection = Connection::under(peer, LayerPolicy::Allow, policy);
        for (qop, expected) in LAYERS {
            match connection.client.log_in(&connection.gssapi, &request(Enctype::RC4_HMAC, qop)) {
                Ok(authenticated) => assert_eq!((allowed, authenticated.layer()), (true, expected)),
                Err(LoginRefused::Server(error)) => {
                    assert!(matches!(error.kind(), SaslErrorKind::Offer(SessionError::Rc4NotAllowed)), "{error}");
                    assert!(!allowed);
                }
                Err(refused) => panic!("{refused:?}"),
            }
        }
    }
}

/// Tests of every function above, for one peer.
macro_rules! with {
    ($module:ident, $peer:expr; $($name:ident),* $(,)?) => {
        mod $module {
            use super::Peer;

            $(
                #[test]
                fn $name() {
                    super::$name($peer);
                }
            )*
        }
    };
    ($module:ident, $peer:expr) => {
        with!(
            $module, $peer;
            agrees_on_every_layer_with_every_enctype,
            agrees_where_only_its_layer_is_offered,
            never_agrees_on_a_layer_that_was_not_offered,
            hands_over_the_authorization_identity,
            takes_the_longest_message_that_its_buffer_holds,
            sends_the_longest_message_that_was_offered,
            refuses_a_turned_bit_of_a_message,
            is_refused_by_name_under_rc4_unless_that_is_allowed,
        );
    };
}

with!(java, Peer::JavaSasl);
with!(cyrus, Peer::Cyrus);

/// Java asks for layers without asking for the server's proof, unless it is told to.
#[test]
fn agrees_with_java_on_layers_without_mutual_authentication() {
    let mut connection = Connection::of(Peer::JavaSasl, LayerPolicy::Allow);
    for enctype in ENCTYPES {
        for (qop, expected) in LAYERS {
            let layer = connection.layer(&request(enctype, qop).server_auth(ServerAuth::DoNotAsk));
            assert_eq!(layer.as_ref().map_or(Layer::None, SecurityLayer::layer), expected);
            if let Some(mut layer) = layer {
                connection.exchange(&mut layer, b"message");
            }
        }
    }
}
