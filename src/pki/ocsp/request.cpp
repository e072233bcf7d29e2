// Requests: decoding for a responder, encoding for a client. OpenSSL's own template would encode each CertID several times
// over to hold the request against what came; here a CertID is read apart, once, and a request of the usual form without templates.
#include <openssl/asn1t.h>

#include <algorithm>

#include "pki/ocsp/asn1.hpp"
#include "wire/encoding.hpp"

namespace tf::pki::ocsp {
namespace {

Error bad_request(const char* detail) { return Error{Code::malformed, "ocsp.request", detail}; }

// Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] OPTIONAL }
struct OneAsn1 {
  ASN1_STRING* id;
  STACK_OF(X509_EXTENSION) * extensions;
};
ASN1_SEQUENCE(OneAsn1) = {
    ASN1_SIMPLE(OneAsn1, id, ASN1_SEQUENCE),
    ASN1_EXP_SEQUENCE_OF_OPT(OneAsn1, extensions, X509_EXTENSION, 0),
} static_ASN1_SEQUENCE_END(OneAsn1)
DEFINE_STACK_OF(OneAsn1)

// TBSRequest ::= SEQUENCE { version [0] DEFAULT, requestorName [1] OPTIONAL, requestList, requestExtensions [2] OPTIONAL }
struct TbsAsn1 {
  ASN1_INTEGER* version;
  GENERAL_NAME* requestor;
  STACK_OF(OneAsn1) * list;
  STACK_OF(X509_EXTENSION) * extensions;
};
ASN1_SEQUENCE(TbsAsn1) = {
    ASN1_EXP_OPT(TbsAsn1, version, ASN1_INTEGER, 0),
    ASN1_EXP_OPT(TbsAsn1, requestor, GENERAL_NAME, 1),
    ASN1_SEQUENCE_OF(TbsAsn1, list, OneAsn1),
    ASN1_EXP_SEQUENCE_OF_OPT(TbsAsn1, extensions, X509_EXTENSION, 2),
} static_ASN1_SEQUENCE_END(TbsAsn1)

// OCSPRequest ::= SEQUENCE { tbsRequest, optionalSignature [0] OPTIONAL }
struct RequestAsn1 {
  TbsAsn1* tbs;
  OCSP_SIGNATURE* signature;
};
ASN1_SEQUENCE(RequestAsn1) = {
    ASN1_SIMPLE(RequestAsn1, tbs, TbsAsn1),
    ASN1_EXP_OPT(RequestAsn1, signature, OCSP_SIGNATURE, 0),
} static_ASN1_SEQUENCE_END(RequestAsn1)

void free_request(RequestAsn1* request) { ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(request), ASN1_ITEM_rptr(RequestAsn1)); }
using ParsedRequest = crypto::Handle<RequestAsn1, free_request>;

ParsedRequest parsed(ByteView der) {
  const std::uint8_t* at = der.data();
  ParsedRequest out(reinterpret_cast<RequestAsn1*>(
      ASN1_item_d2i(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(RequestAsn1))));
  if (!out) ERR_clear_error();
  return out;
}

// It is DER when it comes out as it went in.
bool comes_out_again(const RequestAsn1* request, ByteView der) {
  std::uint8_t* again = nullptr;
  const int size = ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(request), &again, ASN1_ITEM_rptr(RequestAsn1));
  const bool same = size > 0 && std::ranges::equal(ByteView(again, static_cast<std::size_t>(size)), der);
  OPENSSL_free(again);
  return same;
}

// Written as nearly all clients do, of CertIDs and perhaps a nonce: read without OpenSSL's templates. None for others, sound or not.
std::optional<Request> usual(ByteView der) {
  constexpr std::uint8_t kExtensions = 0xa2;  // [2]
  const auto whole = contents_of(der, kSequenceOctet);
  const auto tbs = whole ? contents_of(*whole, kSequenceOctet) : std::nullopt;
  const auto fields = tbs ? elements_of(*tbs) : std::vector<ByteView>();
  const auto list = !fields.empty() && fields.size() <= 2 ? contents_of(fields[0], kSequenceOctet) : std::nullopt;
  if (!list) return std::nullopt;
  Request out;
  for (const ByteView one : elements_of(*list)) {
    const auto id = contents_of(one, kSequenceOctet);
    auto read = id && out.cert_ids.size() < kMaxSingle ? read_usual_cert_id(*id) : std::nullopt;
    if (!read) return std::nullopt;
    out.cert_ids.push_back(std::move(*read));
  }
  if (out.cert_ids.empty()) return std::nullopt;
  if (fields.size() == 1) return out;
  const auto tagged = contents_of(fields[1], kExtensions);
  const auto extensions = tagged ? contents_of(*tagged, kSequenceOctet) : std::nullopt;
  out.nonce = extensions ? usual_nonce_of(*extensions) : std::nullopt;  // one extension
  return out.nonce ? std::optional(std::move(out)) : std::nullopt;
}

// Extensions we do not know are ignored unless they are critical (RFC 6960 §4.4).
Status read_extensions(const STACK_OF(X509_EXTENSION) * extensions, Request& out) {
  for (int i = 0; extensions != nullptr && i < sk_X509_EXTENSION_num(extensions); ++i) {
    X509_EXTENSION* extension = sk_X509_EXTENSION_value(extensions, i);
    auto nonce = TF_TRY(nonce_of(extension));
    if (!nonce && X509_EXTENSION_get_critical(extension) == 1) return bad_request("an unknown critical extension");
    if (nonce && out.nonce) return Error{Code::malformed, "ocsp.nonce", "two nonces"};
    if (nonce) out.nonce = std::move(nonce);
  }
  return {};
}

Result<Request> read(const TbsAsn1& tbs) {
  Request out;
  if (tbs.version != nullptr) return bad_request("not version 1");  // the default, which DER leaves out
  const int count = sk_OneAsn1_num(tbs.list);
  if (count < 1 || static_cast<std::size_t>(count) > kMaxSingle) return bad_request("a request asks about 1 to 16 certificates");
  TF_CHECK(read_extensions(tbs.extensions, out));
  for (int i = 0; i < count; ++i) {
    const OneAsn1* one = sk_OneAsn1_value(tbs.list, i);
    if (one->extensions != nullptr && X509v3_get_ext_by_critical(one->extensions, 1, -1) >= 0)
      return bad_request("an unknown critical extension");
    out.cert_ids.push_back(TF_TRY(read_cert_id(octets_of(one->id))));
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Base64 has no '%', so that what is decoded already comes out as it went in.
Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) return Error{Code::malformed, "ocsp.path", "bad percent-encoding"};
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace

Result<Request> decode_request(ByteView der) {
  if (der.empty() || der.size() > kMaxRequest) return bad_request("not a request in DER of at most 8 KiB");
  if (auto out = usual(der)) return std::move(*out);
  const ParsedRequest request = parsed(der);
  if (!request || !comes_out_again(request.get(), der)) return bad_request("not a request in DER");
  return read(*request->tbs);
}

Result<Bytes> path_der(std::string_view path) {
  if (path.size() > 3 * (kMaxRequest / 3 * 4 + 4)) return Error{Code::malformed, "ocsp.path", "too long"};
  auto der = wire::from_base64(TF_TRY(percent_decoded(path)));
  if (!der) return Error{Code::malformed, "ocsp.path", "not base64"};
  return der;
}

Result<Request> decode_path(std::string_view path) { return decode_request(TF_TRY(path_der(path))); }

Result<Bytes> encode_request(const std::vector<CertId>& ids, const std::optional<Bytes>& nonce) {
  const RequestHandle request(OCSP_REQUEST_new());
  crypto::must(request != nullptr, "OCSP request");
  if (ids.empty() || ids.size() > kMaxSingle)
    return Error{Code::invalid, "ocsp.request", "a request asks about 1 to 16 certificates"};
  for (const CertId& id : ids) {
    CertIdHandle native = native_of(id);
    if (!native) return Error{Code::invalid, "ocsp.request", "not a CertID"};
    crypto::must(OCSP_request_add0_id(request.get(), native.get()) != nullptr, "OCSP request");
    (void)native.release();
  }
  if (nonce) {
    if (nonce->empty() || nonce->size() > kMaxNonce)
      return Error{Code::invalid, "ocsp.nonce", "a nonce is 1 to 128 octets"};
    crypto::must(OCSP_REQUEST_add_ext(request.get(), nonce_extension(*nonce).get(), -1) == 1, "OCSP request");
  }
  return der_of<i2d_OCSP_REQUEST>(request.get());
}

std::string encode_path(ByteView request) {
  std::string out;
  for (const char c : wire::base64(request)) {
    switch (c) {
      case '+': out += "%2B"; break;
      case '/': out += "%2F"; break;
      case '=': out += "%3D"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

}  // namespace tf::pki::ocsp
