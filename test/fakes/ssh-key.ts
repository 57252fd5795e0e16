import ssh2 from "ssh2";

/** A new Ed25519 key, both halves in OpenSSH's form. About one in three hundred that the library makes it cannot read back itself. */
export function makeSshKey(): { readonly private: string; readonly public: string } {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(key.private) instanceof Error)) return key;
  }
}
