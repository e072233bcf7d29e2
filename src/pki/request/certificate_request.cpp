#include "pki/request/certificate_request.hpp"

#include <openssl/asn1t.h>

#include <algorithm>
#include <optional>
#include <string>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxRequest = 16U << 10;
constexpr const char* kRequestLabel = "CERTIFICATE REQUEST";

// CertificationRequest (RFC 2986 §4). OpenSSL's own template would look for a decoder of the key; here the key stays octets, and
// acceptable_key() makes one of them much faster.
struct KeyAsn1 {
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* octets;
};
ASN1_SEQUENCE(KeyAsn1) = {
    ASN1_SIMPLE(KeyAsn1, algorithm, X509_ALGOR),
    ASN1_SIMPLE(KeyAsn1, octets, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(KeyAsn1)

// As it was signed, so it is encoded again (the member encoding).
struct InfoAsn1 {
  ASN1_ENCODING encoding;
  ASN1_INTEGER* version;
  X509_NAME* subject;
  KeyAsn1* key;
  STACK_OF(X509_ATTRIBUTE) * attributes;
};
ASN1_SEQUENCE_enc(InfoAsn1, encoding, nullptr) = {
    ASN1_SIMPLE(InfoAsn1, version, ASN1_INTEGER),
    ASN1_SIMPLE(InfoAsn1, subject, X509_NAME),
    ASN1_SIMPLE(InfoAsn1, key, KeyAsn1),
    ASN1_IMP_SET_OF_OPT(InfoAsn1, attributes, X509_ATTRIBUTE, 0),  // not all clients write an empty set
} static_ASN1_SEQUENCE_END_cb(InfoAsn1, InfoAsn1)

struct RequestAsn1 {
  InfoAsn1* info;
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* signature;
};
ASN1_SEQUENCE(RequestAsn1) = {
    ASN1_SIMPLE(RequestAsn1, info, InfoAsn1),
    ASN1_SIMPLE(RequestAsn1, algorithm, X509_ALGOR),
    ASN1_SIMPLE(RequestAsn1, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(RequestAsn1)

void free_request(RequestAsn1* request) { ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(request), ASN1_ITEM_rptr(RequestAsn1)); }
using ParsedRequest = crypto::Handle<RequestAsn1, free_request>;

int i2d_request(const RequestAsn1* request, std::uint8_t** out) {
  return ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(request), out, ASN1_ITEM_rptr(RequestAsn1));
}

// Null unless it comes out as it went in.
ParsedRequest parsed_request(ByteView der) {
  const std::uint8_t* at = der.data();
  ParsedRequest out(reinterpret_cast<RequestAsn1*>(ASN1_item_d2i(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(RequestAsn1))));
  if (!out) ERR_clear_error();
  if (out && !std::ranges::equal(der_of<i2d_request>(out.get()), der)) out.reset();
  return out;
}

// Possession is also proved by what most clients make of an RSA key: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). Certificates and
// lists are never signed so.
bool is_signed_by(const RequestAsn1& request, ByteView der, const crypto::PublicKey& key) {
  const ASN1_BIT_STRING* const signature = request.signature;
  const X509_ALGOR* const algorithm = request.algorithm;
  const ByteView tbs = first_element(first_element(der, true), false);
  if (acceptable_signature(algorithm)) return is_signature(key, algorithm, tbs, signature);
  if (key.kind() != crypto::KeyKind::rsa || OBJ_obj2nid(algorithm->algorithm) != NID_sha256WithRSAEncryption || (signature->flags & 0x07) != 0) return false;
  const crypto::EvpMdCtx context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.native()) == 1 &&
         EVP_DigestVerify(context.get(), ASN1_STRING_get0_data(signature), static_cast<std::size_t>(ASN1_STRING_length(signature)), tbs.data(), tbs.size()) == 1;
}

// What nearly all clients with a P-256 key send: attributes of X.520 in plain ASCII, no extensions asked for. Taken apart and put together
// again, so that it is known to be DER.
struct Usual {
  std::string common_name;
  ByteView info, point, signature;
};

// SET { SEQUENCE { type, value } } of one attribute; whether it is such a one.
bool read_attribute(ByteView rdn, Bytes& again, int& names, std::string& common_name) {
  constexpr Tag kSet{V_ASN1_SET, V_ASN1_UNIVERSAL, true};
  constexpr std::uint8_t kX520[] = {V_ASN1_OBJECT, 3, 0x55, 0x04};  // and one octet more
  constexpr std::uint8_t kCommonName = 3;
  const ByteView inner = first_element(first_element(rdn, true), true);
  if (inner.size() < 7 || !std::ranges::equal(inner.first(4), kX520) || (inner[4] & 0x80) != 0) return false;
  const int type = inner[5];
  const ByteView text = first_element(inner.subspan(5), true);
  const bool plain = std::ranges::all_of(text, [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; });
  if (!plain || text.empty() || (type != V_ASN1_UTF8STRING && type != V_ASN1_PRINTABLESTRING)) return false;
  append(again, tlv(kSet, {tlv(kSequence, {inner.first(5), tlv({type}, {text})})}));
  if (inner[4] != kCommonName) return true;
  common_name = as_text(text);
  return ++names == 1;  // two of them are refused elsewhere
}

std::optional<Usual> usual(ByteView der) {
  constexpr std::uint8_t kVersion1[] = {V_ASN1_INTEGER, 1, 0}, kNothing[] = {0xa0, 0}, kUncompressed = 4;
  constexpr std::uint8_t kAlgorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};  // ecdsa-with-SHA256
  constexpr std::size_t kPoint = sizeof(crypto::EcPoint);
  const auto whole = elements_of(first_element(der, true));
  if (whole.size() != 3) return std::nullopt;
  const auto info = elements_of(first_element(whole[0], true));
  if (info.size() < 3 || info.size() > 4 || info[2].size() != sizeof crypto::kP256Spki + kPoint || info[2][sizeof crypto::kP256Spki] != kUncompressed) return std::nullopt;
  Usual out{.common_name = {}, .info = whole[0], .point = info[2].last(kPoint), .signature = {}};
  Bytes subject;
  int names = 0;
  for (const ByteView rdn : elements_of(first_element(info[1], true)))
    if (!read_attribute(rdn, subject, names, out.common_name)) return std::nullopt;
  const ByteView bits = first_element(whole[2], true);
  if (bits.empty() || bits[0] != 0) return std::nullopt;
  out.signature = bits.subspan(1);
  const Bytes info_again = tlv(kSequence, {kVersion1, tlv(kSequence, {subject}), crypto::kP256Spki, out.point, info.size() == 4 ? ByteView(kNothing) : ByteView()});
  if (!std::ranges::equal(tlv(kSequence, {info_again, kAlgorithm, tlv({V_ASN1_BIT_STRING}, {bits})}), der)) return std::nullopt;
  return out;
}

const Error kBadKey{Code::refused, "pki.bad_key", "certificates are for P-256 keys and RSA keys of 2048 to 8192 bits"};
const Error kNoPossession{Code::refused, "pki.no_possession", "the request is not signed by the key it asks for"};

}  // namespace

Result<CertificateRequest> CertificateRequest::make(std::string_view common_name, const crypto::PrivateKey& key) {
  const NameHandle subject = TF_TRY(make_name(common_name, {}));
  const crypto::X509ReqHandle request(X509_REQ_new());
  const crypto::EvpMdCtx context = TF_TRY(signing_context(key));
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), subject.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.native()) != 1 || X509_REQ_sign_ctx(request.get(), context.get()) <= 0)
    return crypto::openssl_error("pki.sign");
  return from_der(der_of<i2d_X509_REQ>(request.get()));
}

Result<CertificateRequest> CertificateRequest::from_der(ByteView der) {
  const Error bad{Code::malformed, "pki.request", "not a certificate request in DER"};
  if (der.empty() || der.size() > kMaxRequest) return bad;
  if (auto simple = usual(der)) {
    auto key = crypto::PublicKey::from_point(simple->point);
    if (!key) return kBadKey;
    if (!crypto::verify_ecdsa_sha256(*key, simple->info, simple->signature)) return kNoPossession;
    return CertificateRequest(to_bytes(der), std::move(simple->common_name), std::move(*key));
  }
  const ParsedRequest request = parsed_request(der);
  if (!request || ASN1_INTEGER_get(request->info->version) != X509_REQ_VERSION_1) return bad;
  auto name = attribute_of(request->info->subject, NID_commonName);
  if (!name) return Error{Code::malformed, "pki.request", name.error().detail};
  auto key = acceptable_key(request->info->key->algorithm, request->info->key->octets);
  if (!key) return kBadKey;
  const bool possessed = is_signed_by(*request, der, *key);
  ERR_clear_error();
  if (!possessed) return kNoPossession;
  return CertificateRequest(to_bytes(der), std::move(*name), std::move(*key));
}

Result<CertificateRequest> CertificateRequest::from_pem(std::string_view pem) {
  return from_der(TF_TRY(from_pem_text(pem, kRequestLabel)));
}

std::string CertificateRequest::to_pem() const { return to_pem_text(kRequestLabel, der_); }

}  // namespace tf::pki
