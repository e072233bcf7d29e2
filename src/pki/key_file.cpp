#include "pki/key_file.hpp"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "crypto/handles.hpp"
#include "pki/asn1.hpp"

namespace tf::pki {
namespace {

using Pkcs8Handle = crypto::Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedHandle = crypto::Handle<X509_SIG, X509_SIG_free>;

constexpr std::size_t kMaxKeyFile = 64U << 10;
// As costly as OWASP asks for, in the 32 MiB that OpenSSL 3.0 grants to PBES2.
constexpr std::uint64_t kScryptN = 1 << 14, kScryptR = 8, kScryptP = 8;

SecretBytes pem_text(const char* label, ByteView der) {
  const crypto::BioHandle out(BIO_new(BIO_s_secmem()));
  crypto::must(out && PEM_write_bio(out.get(), label, "", der.data(), static_cast<long>(der.size())) > 0,
               "PEM_write_bio");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return SecretBytes(as_bytes({data, static_cast<std::size_t>(size)}));
}

struct PemKey {
  std::string label;
  SecretBytes der;
};

Result<PemKey> read_pem(const SecretBytes& pem) {
  const Error bad{Code::malformed, "pki.key_file", "not one private key in PEM (PKCS#8)"};
  const std::string_view text = as_text(pem.reveal());
  if (text.size() > kMaxKeyFile || text.find("-----BEGIN ") != text.rfind("-----BEGIN ")) return bad;
  const crypto::BioHandle in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* name = nullptr;
  char* header = nullptr;
  std::uint8_t* data = nullptr;
  long size = 0;
  const bool read = in && PEM_read_bio(in.get(), &name, &header, &data, &size) == 1;
  ERR_clear_error();
  if (!read) return bad;
  PemKey out{name, SecretBytes(ByteView(data, static_cast<std::size_t>(size)))};
  const bool plain_header = *header == '\0';  // else the encryption of old, without a real key derivation
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  if (!plain_header) return bad;
  return out;
}

SecretBytes der_of_key(const PKCS8_PRIV_KEY_INFO* info) {
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, nullptr);
  crypto::must(size > 0, "PKCS#8");
  SecretBytes out(static_cast<std::size_t>(size));
  std::uint8_t* at = out.reveal_mutable().data();
  crypto::must(i2d_PKCS8_PRIV_KEY_INFO(info, &at) == size, "PKCS#8");
  return out;
}

Result<SecretBytes> decrypt(const SecretBytes& der, const SecretBytes* passphrase) {
  const std::uint8_t* at = der.reveal().data();
  const EncryptedHandle sealed(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  const X509_ALGOR* algorithm = nullptr;
  if (sealed) X509_SIG_get0(sealed.get(), &algorithm, nullptr);
  const ASN1_OBJECT* scheme = nullptr;
  if (algorithm != nullptr) X509_ALGOR_get0(&scheme, nullptr, nullptr, algorithm);
  ERR_clear_error();
  if (scheme == nullptr || OBJ_obj2nid(scheme) != NID_pbes2)
    return Error{Code::malformed, "pki.key_file", "an encrypted key, but not with PBES2"};
  const Error wrong{Code::sealed, "pki.passphrase", "the passphrase does not open this key"};
  if (passphrase == nullptr || passphrase->empty()) return wrong;
  const Pkcs8Handle info(PKCS8_decrypt(sealed.get(), chars(*passphrase), static_cast<int>(passphrase->size())));
  ERR_clear_error();
  if (!info) return wrong;
  return der_of_key(info.get());
}

Result<crypto::PrivateKey> checked(const SecretBytes& pkcs8) {
  const std::uint8_t* at = pkcs8.reveal().data();
  const Pkcs8Handle info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(pkcs8.size())));
  ERR_clear_error();
  if (!info || at != pkcs8.reveal().data() + pkcs8.size())
    return Error{Code::malformed, "pki.key_file", "not a PKCS#8 private key"};
  auto key = crypto::PrivateKey::from_pkcs8(pkcs8);
  if (!key) return Error{Code::malformed, "pki.key_file", key.error().detail};
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, key->native(), nullptr));
  const bool pair = context && EVP_PKEY_pairwise_check(context.get()) == 1;
  ERR_clear_error();
  if (!pair) return Error{Code::integrity, "pki.key_pair", "private and public part of the key do not match"};
  return key;
}

}  // namespace

SecretBytes to_pem(const crypto::PrivateKey& key) { return pem_text("PRIVATE KEY", key.to_pkcs8().reveal()); }

Result<SecretBytes> to_encrypted_pem(const crypto::PrivateKey& key, const SecretBytes& passphrase) {
  if (passphrase.empty()) return Error{Code::invalid, "pki.passphrase", "the passphrase is empty"};
  const Pkcs8Handle info(EVP_PKEY2PKCS8(key.native()));
  X509_ALGOR* scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 16, nullptr, kScryptN, kScryptR, kScryptP);
  if (!info || scheme == nullptr) {
    X509_ALGOR_free(scheme);
    return crypto::openssl_error("pki.encrypt");
  }
  // PKCS8_set0_pbe takes the scheme over when it succeeds.
  const EncryptedHandle sealed(
      PKCS8_set0_pbe(chars(passphrase), static_cast<int>(passphrase.size()), info.get(), scheme));
  if (!sealed) {
    X509_ALGOR_free(scheme);
    return crypto::openssl_error("pki.encrypt");
  }
  std::uint8_t* der = nullptr;
  const int size = i2d_X509_SIG(sealed.get(), &der);
  crypto::must(size > 0, "i2d_X509_SIG");
  SecretBytes text = pem_text("ENCRYPTED PRIVATE KEY", ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return text;
}

Result<crypto::PrivateKey> private_key_from_pem(const SecretBytes& pem, const SecretBytes* passphrase) {
  const PemKey read = TF_TRY(read_pem(pem));
  if (read.label == "PRIVATE KEY") return checked(read.der);
  if (read.label == "ENCRYPTED PRIVATE KEY") return checked(TF_TRY(decrypt(read.der, passphrase)));
  return Error{Code::malformed, "pki.key_file", "not a PKCS#8 private key"};
}

}  // namespace tf::pki
