//! The cases: which tool makes which file how, and what the scan must say of it.

/// One file that a tool makes in `out/`, from `docs/` and `plain.pdf`.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) file: &'static str,
    /// A program, or `python:module`.
    pub(crate) tool: &'static str,
    /// A line of shell.
    pub(crate) make: &'static str,
    pub(crate) state: &'static str,
    pub(crate) scheme: Option<&'static str>,
    /// Whether names of members are exposed.
    pub(crate) names: bool,
}

pub(crate) const fn case(tool: &'static str, file: &'static str, make: &'static str) -> Case {
    Case { file, tool, make, state: "plain", scheme: None, names: false }
}

impl Case {
    pub(crate) const fn strong(self, scheme: &'static str) -> Self {
        Self { state: "strong", scheme: Some(scheme), ..self }
    }

    pub(crate) const fn weak(self, scheme: &'static str) -> Self {
        Self { state: "weak", scheme: Some(scheme), ..self }
    }

    pub(crate) const fn opens(self, scheme: &'static str) -> Self {
        Self { state: "opens_without_password", scheme: Some(scheme), ..self }
    }

    pub(crate) const fn unknown(self, scheme: Option<&'static str>) -> Self {
        Self { state: "unknown", scheme, ..self }
    }

    pub(crate) const fn names(self) -> Self {
        Self { names: true, ..self }
    }
}

/// The password is `geheim` throughout.
pub(crate) const CASES: &[Case] = &[
    // 7-Zip
    case("7z", "plain.7z", "7z a -bd out/plain.7z docs"),
    case("7z", "content.7z", "7z a -bd -pgeheim out/content.7z docs").strong("7z-aes256").names(),
    case("7z", "headers.7z", "7z a -bd -pgeheim -mhe=on out/headers.7z docs").strong("7z-aes256"),
    case("7z", "mixed.7z", "7z a -bd out/mixed.7z docs/note.txt; 7z a -bd -pgeheim out/mixed.7z docs/people.csv"),
    case("7z", "7z-plain.zip", "7z a -bd -tzip out/7z-plain.zip docs"),
    case("7z", "7z-zipcrypto.zip", "7z a -bd -tzip -pgeheim -mem=ZipCrypto out/7z-zipcrypto.zip docs")
        .weak("zip-zipcrypto")
        .names(),
    case("7z", "aes128.zip", "7z a -bd -tzip -pgeheim -mem=AES128 out/aes128.zip docs").strong("zip-aes128").names(),
    case("7z", "aes192.zip", "7z a -bd -tzip -pgeheim -mem=AES192 out/aes192.zip docs").strong("zip-aes192").names(),
    case("7z", "aes256.zip", "7z a -bd -tzip -pgeheim -mem=AES256 out/aes256.zip docs").strong("zip-aes256").names(),
    case(
        "7z",
        "mixed.zip",
        "7z a -bd -tzip out/mixed.zip docs/note.txt; 7z a -bd -tzip -pgeheim -mem=AES256 out/mixed.zip docs/people.csv",
    ),
    case(
        "7z",
        "two-ciphers.zip",
        "7z a -bd -tzip -pgeheim -mem=ZipCrypto out/two-ciphers.zip docs/note.txt; 7z a -bd -tzip -pgeheim -mem=AES256 out/two-ciphers.zip docs/people.csv",
    )
    .weak("zip-zipcrypto")
    .names(),
    // Info-ZIP
    case("zip", "infozip.zip", "zip -q -r -P geheim out/infozip.zip docs").weak("zip-zipcrypto").names(),
    case("zip", "infozip-streamed.zip", "zip -q -r -P geheim - docs | cat > out/infozip-streamed.zip")
        .weak("zip-zipcrypto")
        .names(),
    case("zip", "infozip-plain.zip", "zip -q -r out/infozip-plain.zip docs"),
    // qpdf
    case("qpdf", "plain-again.pdf", "qpdf plain.pdf out/plain-again.pdf"),
    case("qpdf", "r2.pdf", "qpdf --allow-weak-crypto --encrypt geheim besitzer 40 -- plain.pdf out/r2.pdf")
        .weak("pdf-rc4-40"),
    case(
        "qpdf",
        "r3.pdf",
        "qpdf --allow-weak-crypto --encrypt geheim besitzer 128 --use-aes=n -- plain.pdf out/r3.pdf",
    )
    .weak("pdf-rc4-128"),
    case(
        "qpdf",
        "r4-rc4.pdf",
        "qpdf --allow-weak-crypto --encrypt geheim besitzer 128 --force-V4 --use-aes=n -- plain.pdf out/r4-rc4.pdf",
    )
    .weak("pdf-rc4-128"),
    case("qpdf", "r4.pdf", "qpdf --allow-weak-crypto --encrypt geheim besitzer 128 --use-aes=y -- plain.pdf out/r4.pdf")
        .strong("pdf-aes128"),
    case(
        "qpdf",
        "r5.pdf",
        "qpdf --allow-weak-crypto --encrypt geheim besitzer 256 --force-R5 -- plain.pdf out/r5.pdf",
    )
    .weak("pdf-aes256"),
    case("qpdf", "r6.pdf", "qpdf --encrypt geheim besitzer 256 -- plain.pdf out/r6.pdf").strong("pdf-aes256"),
    case("qpdf", "owner-r6.pdf", "qpdf --encrypt '' besitzer 256 --modify=none -- plain.pdf out/owner-r6.pdf")
        .opens("pdf-aes256"),
    case(
        "qpdf",
        "owner-r3.pdf",
        "qpdf --allow-weak-crypto --encrypt '' besitzer 128 --print=none -- plain.pdf out/owner-r3.pdf",
    )
    .opens("pdf-rc4-128"),
    case("qpdf", "owner-r2.pdf", "qpdf --allow-weak-crypto --encrypt '' besitzer 40 -- plain.pdf out/owner-r2.pdf")
        .opens("pdf-rc4-40"),
    case("qpdf", "no-password.pdf", "qpdf --encrypt '' '' 256 --allow-insecure -- plain.pdf out/no-password.pdf")
        .opens("pdf-aes256"),
    case(
        "qpdf",
        "objects.pdf",
        "qpdf --object-streams=generate --encrypt geheim besitzer 256 --cleartext-metadata -- plain.pdf out/objects.pdf",
    )
    .strong("pdf-aes256"),
    // GnuPG
    case(
        "gpg",
        "symmetric.gpg",
        "gpg -q --batch --pinentry-mode loopback --passphrase geheim -c -o out/symmetric.gpg docs/people.csv",
    )
    .strong("openpgp-aes256"),
    case(
        "gpg",
        "symmetric.asc",
        "gpg -q --batch --pinentry-mode loopback --passphrase geheim -c -a -o out/symmetric.asc docs/people.csv",
    )
    .strong("openpgp-aes256"),
    case(
        "gpg",
        "cast5.gpg",
        "gpg -q --batch --pinentry-mode loopback --passphrase geheim --cipher-algo CAST5 -c -o out/cast5.gpg docs/note.txt",
    )
    .weak("openpgp-cast5"),
    case(
        "gpg",
        "recipient.gpg",
        "gpg -q --batch --pinentry-mode loopback --passphrase '' --quick-gen-key 'Prova <prova@example.org>' rsa2048 default never; \
         k=$(gpg --list-keys --with-colons | awk -F: '/^fpr/{print $10; exit}'); \
         gpg -q --batch --pinentry-mode loopback --passphrase '' --quick-add-key $k rsa2048 encr never; \
         gpg -q --batch --trust-model always -r prova@example.org -e -o out/recipient.gpg docs/people.csv",
    )
    .strong("openpgp"),
    case(
        "gpg",
        "recipient.asc",
        "gpg -q --batch --trust-model always -r prova@example.org -a -e -o out/recipient.asc docs/people.csv",
    )
    .strong("openpgp"),
    case(
        "gpg",
        "signed-and-sealed.gpg",
        "gpg -q --batch --pinentry-mode loopback --passphrase '' --trust-model always -r prova@example.org -s -e -o out/signed-and-sealed.gpg docs/people.csv",
    )
    .strong("openpgp"),
    case(
        "gpg",
        "signed.gpg",
        "gpg -q --batch --pinentry-mode loopback --passphrase '' -s -o out/signed.gpg docs/people.csv",
    ),
    case(
        "gpg",
        "signed.asc",
        "gpg -q --batch --pinentry-mode loopback --passphrase '' -s -a -o out/signed.asc docs/people.csv",
    ),
    case(
        "gpg",
        "clearsigned.asc",
        "gpg -q --batch --pinentry-mode loopback --passphrase '' --clearsign -o out/clearsigned.asc docs/note.txt",
    ),
    case(
        "gpg",
        "detached.sig",
        "gpg -q --batch --pinentry-mode loopback --passphrase '' -b -o out/detached.sig docs/note.txt",
    ),
    case("gpg", "stored.gpg", "gpg -q --batch --store -o out/stored.gpg docs/people.csv"),
    case("gpg", "keyring.gpg", "gpg -q --batch --export -o out/keyring.gpg prova@example.org"),
    // age
    case(
        "age",
        "recipient.age",
        "age-keygen -o age.key 2>/dev/null; age -r $(grep -o 'age1.*' age.key) -o out/recipient.age docs/people.csv",
    )
    .strong("age-x25519"),
    case("age", "recipient.age.asc", "age -a -r $(grep -o 'age1.*' age.key) -o out/recipient.age.asc docs/people.csv")
        .strong("age-x25519"),
    case(
        "age",
        "passphrase.age",
        // age asks a terminal only.
        "printf 'geheim geheim\\ngeheim geheim\\n' | $PYTHON -c 'import os,pty,sys,time\npid,fd=pty.fork()\nif pid==0: os.execvp(\"age\",[\"age\",\"-p\",\"-o\",\"out/passphrase.age\",\"docs/note.txt\"])\nfor _ in range(2):\n  time.sleep(0.7); os.write(fd,b\"geheim geheim\\n\")\ntry:\n  while os.read(fd,1000): pass\nexcept OSError: pass\nos.waitpid(pid,0)'; test -s out/passphrase.age",
    )
    .strong("age-scrypt"),
    // OpenSSL
    case("openssl", "salted.enc", "openssl enc -aes-256-cbc -pbkdf2 -k geheim -in docs/people.csv -out out/salted.enc")
        .unknown(Some("openssl-enc")),
    case(
        "openssl",
        "salted.b64",
        "openssl enc -aes-256-cbc -pbkdf2 -k geheim -a -in docs/people.csv -out out/salted.b64",
    )
    .unknown(Some("openssl-enc")),
    case(
        "openssl",
        "rsa-plain.key",
        "openssl genrsa -out rsa.key 2048 2>/dev/null; openssl rsa -in rsa.key -traditional -out out/rsa-plain.key 2>/dev/null",
    ),
    case(
        "openssl",
        "rsa-aes.key",
        "openssl rsa -in rsa.key -traditional -aes256 -passout pass:geheim -out out/rsa-aes.key 2>/dev/null",
    )
    .weak("pem-aes-256-cbc"),
    case("openssl", "ec-plain.key", "openssl ecparam -name prime256v1 -genkey -noout -out out/ec-plain.key"),
    case(
        "openssl",
        "ec-aes.key",
        "openssl ec -in out/ec-plain.key -aes128 -passout pass:geheim -out out/ec-aes.key 2>/dev/null",
    )
    .weak("pem-aes-128-cbc"),
    case("openssl", "pkcs8-plain.key", "openssl pkcs8 -topk8 -nocrypt -in rsa.key -out out/pkcs8-plain.key"),
    case("openssl", "pkcs8.key", "openssl pkcs8 -topk8 -in rsa.key -passout pass:geheim -out out/pkcs8.key")
        .strong("pkcs8-aes256-cbc"),
    case(
        "openssl",
        "pkcs8.der",
        "openssl pkcs8 -topk8 -in rsa.key -passout pass:geheim -outform DER -out out/pkcs8.der",
    )
    .strong("pkcs8-aes256-cbc"),
    case("openssl", "pkcs8-plain.der", "openssl pkcs8 -topk8 -nocrypt -in rsa.key -outform DER -out out/pkcs8-plain.der"),
    case(
        "openssl",
        "store.p12",
        "openssl req -x509 -new -key rsa.key -subj '/CN=Prova Esempio' -days 1 -out cert.pem; \
         openssl pkcs12 -export -inkey rsa.key -in cert.pem -passout pass:geheim -out out/store.p12",
    )
    .strong("pkcs12-aes256-cbc"),
    case(
        "openssl",
        "plain.p12",
        "openssl pkcs12 -export -keypbe NONE -certpbe NONE -nomac -inkey rsa.key -in cert.pem -passout pass: -out out/plain.p12",
    ),
    case(
        "openssl",
        "empty-password.p12",
        "openssl pkcs12 -export -inkey rsa.key -in cert.pem -passout pass: -out out/empty-password.p12",
    )
    .opens("pkcs12-aes256-cbc"),
    case(
        "openssl",
        "enveloped.p7m",
        "openssl cms -encrypt -aes256 -in docs/people.csv -outform DER -out out/enveloped.p7m cert.pem",
    )
    .strong("cms-aes256-cbc"),
    case(
        "openssl",
        "enveloped.eml",
        "openssl smime -encrypt -aes256 -subject Paghe -to paghe@example.org -from hr@example.org -in docs/people.csv -out out/enveloped.eml cert.pem",
    )
    // The headers of the mail can be read.
    .strong("smime-aes256-cbc")
    .names(),
    case(
        "openssl",
        "signed.p7m",
        "openssl cms -sign -nodetach -in docs/people.csv -signer cert.pem -inkey rsa.key -outform DER -out out/signed.p7m",
    ),
    case(
        "openssl",
        "signed.eml",
        "openssl smime -sign -subject Paghe -to paghe@example.org -from hr@example.org -in docs/note.txt -signer cert.pem -inkey rsa.key -out out/signed.eml",
    ),
    case(
        "openssl",
        "opaque.eml",
        "openssl smime -sign -nodetach -subject Paghe -to paghe@example.org -from hr@example.org -in docs/note.txt -signer cert.pem -inkey rsa.key -out out/opaque.eml",
    ),
    // cryptsetup; only the headers are kept
    case(
        "cryptsetup",
        "luks1.img",
        "truncate -s 32M l; printf geheim | PATH=$PATH:/usr/sbin cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 l -; head -c 65536 l > out/luks1.img",
    )
    .strong("luks1"),
    case(
        "cryptsetup",
        "luks2.img",
        "rm -f l; truncate -s 32M l; printf geheim | PATH=$PATH:/usr/sbin cryptsetup luksFormat -q --type luks2 --pbkdf-force-iterations 4 --pbkdf argon2id --pbkdf-memory 64 --pbkdf-parallel 1 l -; head -c 65536 l > out/luks2.img",
    )
    .strong("luks2"),
    // OpenSSH
    case("ssh-keygen", "ssh-plain", "ssh-keygen -q -t ed25519 -N '' -f out/ssh-plain"),
    case("ssh-keygen", "ssh-sealed", "ssh-keygen -q -t ed25519 -N geheim -f out/ssh-sealed")
        .strong("openssh-aes256-ctr"),
    case("ssh-keygen", "ssh-pem", "ssh-keygen -q -t rsa -m PEM -N geheim -f out/ssh-pem").weak("pem-aes-128-cbc"),
    // KeePass
    case(
        "python:pykeepass",
        "safe.kdbx",
        "$PYTHON -c 'from pykeepass import create_database as c; c(\"out/safe.kdbx\", password=\"geheim\")'",
    )
    .strong("keepass-kdbx4"),
    // SQLCipher: no header, so nothing proves it
    case(
        "sqlcipher",
        "sealed.db",
        "printf \"pragma key='geheim'; create table p(a,b); insert into p values('Laura','BNCLRA85C52L219K'); with recursive c(n) as (select 1 union all select n+1 from c where n<300) insert into p select n, n*n from c;\" | sqlcipher out/sealed.db",
    )
    .unknown(None),
    case(
        "sqlcipher",
        "plain.db",
        "printf \"create table p(a,b); insert into p values('Laura','BNCLRA85C52L219K');\" | sqlcipher out/plain.db",
    ),
    // Headers by specification
    case(
        "sh",
        "bitlocker.img",
        "{ printf '\\353\\130\\220-FVE-FS-\\000\\002\\010\\000'; head -c 8177 /dev/zero; head -c 65536 /dev/urandom; } > out/bitlocker.img",
    )
    .unknown(Some("bitlocker")),
    case(
        "sh",
        "sealed.dmg",
        "{ printf 'encrcdsa\\000\\000\\000\\002\\000\\000\\000\\020'; head -c 65536 /dev/urandom; } > out/sealed.dmg",
    )
    .strong("dmg-encrypted"),
    case("sh", "volume.hc", "head -c 1048576 /dev/urandom > out/volume.hc").unknown(None),
    case("sh", "volume", "head -c 300032 /dev/urandom > out/volume").unknown(None),
    case("sh", "random.bin", "head -c 100001 /dev/urandom > out/random.bin").unknown(None),
    case("sh", "random.img", "head -c 1048576 /dev/urandom > out/random.img").unknown(None),
    // Nothing of this is sealed
    case("sh", "base64.txt", "head -c 60000 /dev/urandom | base64 > out/base64.txt"),
    case("sh", "hex.txt", "head -c 30000 /dev/urandom | od -An -tx1 > out/hex.txt"),
    case("gzip", "people.csv.gz", "gzip -c docs/people.csv > out/people.csv.gz"),
    case("xz", "people.csv.xz", "xz -c docs/people.csv > out/people.csv.xz"),
    case("bzip2", "people.csv.bz2", "bzip2 -c docs/people.csv > out/people.csv.bz2"),
    case("gzip", "random.gz", "head -c 100000 /dev/urandom | gzip -c > out/random.gz"),
    // What does not decode was not read.
    case("sh", "random.jpg", "{ printf '\\377\\330\\377\\340\\000\\020JFIF\\000'; head -c 90000 /dev/urandom; } > out/random.jpg").unknown(None),
    case("sh", "random.mp3", "{ printf 'ID3\\004\\000\\000\\000\\000\\000\\000'; head -c 90000 /dev/urandom; } > out/random.mp3"),
];
