#include "pki/ocsp/asn1.hpp"

#include <algorithm>

#include "wire/encoding.hpp"

namespace tf::pki::ocsp {
namespace {

Error bad(const char* detail) { return Error{Code::malformed, "ocsp.request", detail}; }

std::size_t size_of(Hash hash) { return hash == Hash::sha1 ? 20 : 32; }
const EVP_MD* digest_of(Hash hash) { return hash == Hash::sha1 ? EVP_sha1() : EVP_sha256(); }

CertIdHandle made(const Certificate& issuer, const ASN1_INTEGER* serial, Hash hash) {
  const X509* native = issuer.native();
  CertIdHandle id(OCSP_cert_id_new(digest_of(hash), X509_get_subject_name(native), X509_get0_pubkey_bitstr(native), serial));
  crypto::must(id != nullptr, "CertID");
  return id;
}

// All but its der.
Result<CertId> read(OCSP_CERTID* id) {
  ASN1_OCTET_STRING* name = nullptr;
  ASN1_OCTET_STRING* key = nullptr;
  ASN1_OBJECT* algorithm = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(&name, &algorithm, &key, &serial, id) != 1) return bad("a CertID");
  CertId out;
  switch (OBJ_obj2nid(algorithm)) {
    case NID_sha1: out.hash = Hash::sha1; break;
    case NID_sha256: out.hash = Hash::sha256; break;
    default: return Error{Code::refused, "ocsp.hash", "a CertID with another hash than SHA-1 and SHA-256"};
  }
  out.issuer_name_hash = to_bytes(octets_of(name));
  out.issuer_key_hash = to_bytes(octets_of(key));
  if (out.issuer_name_hash.size() != size_of(out.hash) || out.issuer_key_hash.size() != size_of(out.hash))
    return bad("a CertID's hash of a wrong size");
  auto number = serial_hex_of(serial);
  if (!number) return bad("a CertID's serial number");
  out.serial_hex = std::move(*number);
  return out;
}

}  // namespace

Result<CertId> read_cert_id(OCSP_CERTID* id) {
  CertId out = TF_TRY(read(id));
  out.der = der_of<i2d_OCSP_CERTID>(id);
  return out;
}

Result<CertId> read_cert_id(ByteView der) {
  const std::uint8_t* at = der.data();
  const CertIdHandle id(d2i_OCSP_CERTID(nullptr, &at, static_cast<long>(der.size())));
  if (!id) ERR_clear_error();
  if (!id) return bad("a CertID");
  CertId out = TF_TRY(read(id.get()));
  out.der = to_bytes(der);
  if (!std::ranges::equal(der_of<i2d_OCSP_CERTID>(id.get()), der)) return bad("a CertID that is not DER");
  return out;
}

std::optional<CertId> read_usual_cert_id(ByteView der) {
  static constexpr std::uint8_t kSha1[] = {0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00};
  static constexpr std::uint8_t kSha256[] = {0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};
  static constexpr std::uint8_t kSha1Alone[] = {0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a};
  static constexpr std::uint8_t kSha256Alone[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
  const auto contents = contents_of(der, kSequenceOctet);
  const auto parts = contents ? elements_of(*contents) : std::vector<ByteView>();
  if (parts.size() != 4) return std::nullopt;
  const auto is = [&parts](ByteView algorithm) { return std::ranges::equal(parts[0], algorithm); };
  const bool sha256 = is(kSha256) || is(kSha256Alone);
  if (!sha256 && !is(kSha1) && !is(kSha1Alone)) return std::nullopt;
  CertId out;
  out.hash = sha256 ? Hash::sha256 : Hash::sha1;
  const auto name = contents_of(parts[1], V_ASN1_OCTET_STRING), key = contents_of(parts[2], V_ASN1_OCTET_STRING), serial = contents_of(parts[3], V_ASN1_INTEGER);
  if (!name || !key || !serial || name->size() != size_of(out.hash) || key->size() != size_of(out.hash) || serial->empty()) return std::nullopt;
  const bool led = serial->front() == 0;  // by an octet for the sign
  const ByteView number = serial->subspan(led ? 1 : 0);
  if (number.empty() || number.size() > 20 || (number.front() & 0x80) != (led ? 0x80 : 0)) return std::nullopt;
  out.issuer_name_hash = to_bytes(*name);
  out.issuer_key_hash = to_bytes(*key);
  out.serial_hex = wire::hex_upper(number);
  out.der = to_bytes(der);
  return out;
}

bool is_one_value(ByteView der, int number) {
  const std::uint8_t* at = der.data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int flags = der.empty() ? 0x80 : ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.size()));
  if ((flags & 0x80) != 0) ERR_clear_error();
  return (flags & 0x81) == 0 && tag_class == V_ASN1_UNIVERSAL && tag == number && at + size == der.data() + der.size();
}

CertIdHandle native_of(const CertId& id) {
  const std::uint8_t* at = id.der.data();
  CertIdHandle out(d2i_OCSP_CERTID(nullptr, &at, static_cast<long>(id.der.size())));
  ERR_clear_error();
  return out;
}

Result<CertId> cert_id(const Certificate& issuer, std::string_view serial_hex, Hash hash) {
  return read_cert_id(made(issuer, TF_TRY(serial_from_hex(serial_hex)).get(), hash).get());
}

IssuerHashes::IssuerHashes(const Certificate& issuer) {
  const Asn1Integer any(ASN1_INTEGER_new());
  crypto::must(any && ASN1_INTEGER_set(any.get(), 1) == 1, "CertID");
  for (const Hash hash : {Hash::sha1, Hash::sha256}) {
    ASN1_OCTET_STRING* name = nullptr;
    ASN1_OCTET_STRING* key = nullptr;
    const CertIdHandle id = made(issuer, any.get(), hash);
    crypto::must(OCSP_id_get0_info(&name, nullptr, &key, nullptr, id.get()) == 1, "CertID");
    (hash == Hash::sha1 ? sha1_ : sha256_) = {to_bytes(octets_of(name)), to_bytes(octets_of(key))};
  }
}

bool IssuerHashes::match(const CertId& id) const {
  const Pair& own = id.hash == Hash::sha1 ? sha1_ : sha256_;
  return id.issuer_name_hash == own.name && id.issuer_key_hash == own.key;
}

ExtensionHandle nonce_extension(ByteView nonce) {
  const Asn1Octets inner(ASN1_OCTET_STRING_new()), outer(ASN1_OCTET_STRING_new());
  crypto::must(inner && outer && ASN1_OCTET_STRING_set(inner.get(), nonce.data(), static_cast<int>(nonce.size())) == 1,
               "nonce");
  const Bytes der = der_of<i2d_ASN1_OCTET_STRING>(inner.get());
  crypto::must(ASN1_OCTET_STRING_set(outer.get(), der.data(), static_cast<int>(der.size())) == 1, "nonce");
  ExtensionHandle out(X509_EXTENSION_create_by_NID(nullptr, NID_id_pkix_OCSP_Nonce, 0, outer.get()));
  crypto::must(out != nullptr, "nonce");
  return out;
}

Result<std::optional<Bytes>> nonce_of(X509_EXTENSION* extension) {
  if (OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_id_pkix_OCSP_Nonce) return std::optional<Bytes>();
  const ByteView value = octets_of(X509_EXTENSION_get_data(extension));
  const std::uint8_t* at = value.data();
  const Asn1Octets nonce(d2i_ASN1_OCTET_STRING(nullptr, &at, static_cast<long>(value.size())));
  if (!nonce) ERR_clear_error();
  const ByteView octets = nonce ? octets_of(nonce.get()) : ByteView();
  if (octets.empty() || octets.size() > kMaxNonce || !std::ranges::equal(tlv({V_ASN1_OCTET_STRING}, {octets}), value))
    return Error{Code::malformed, "ocsp.nonce", "a nonce is an OCTET STRING of 1 to 128 octets"};
  return std::optional(to_bytes(octets));
}

std::optional<Bytes> usual_nonce_of(ByteView extension) {
  static constexpr std::uint8_t kType[] = {0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};
  const auto contents = contents_of(extension, kSequenceOctet);
  if (!contents || contents->size() < sizeof kType || !std::ranges::equal(contents->first(sizeof kType), kType)) return std::nullopt;
  const auto value = contents_of(contents->subspan(sizeof kType), V_ASN1_OCTET_STRING);
  const auto nonce = value ? contents_of(*value, V_ASN1_OCTET_STRING) : std::nullopt;
  if (!nonce || nonce->empty() || nonce->size() > kMaxNonce) return std::nullopt;
  return to_bytes(*nonce);
}

bool names_version(ByteView der, int outer) {
  const std::uint8_t* at = der.data();
  for (int depth = 0; depth <= outer; ++depth) {
    long size = 0;
    int tag = 0;
    int tag_class = 0;
    if ((ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.data() + der.size() - at)) & 0x80) != 0) return false;
    if (depth == outer) return tag_class == V_ASN1_CONTEXT_SPECIFIC && tag == 0;
  }
  return false;
}

}  // namespace tf::pki::ocsp
