// Requests: decoding for a responder, encoding for a client.
#include <algorithm>

#include "pki/ocsp/asn1.hpp"
#include "wire/encoding.hpp"

namespace tf::pki::ocsp {
namespace {

Error bad(const char* detail) { return Error{Code::malformed, "ocsp.request", detail}; }

// Extensions we do not know are ignored unless they are critical (RFC 6960 §4.4).
Status read_extensions(OCSP_REQUEST* request, Request& out) {
  for (int i = 0; i < OCSP_REQUEST_get_ext_count(request); ++i) {
    X509_EXTENSION* extension = OCSP_REQUEST_get_ext(request, i);
    auto nonce = TF_TRY(nonce_of(extension));
    if (!nonce && X509_EXTENSION_get_critical(extension) == 1) return bad("an unknown critical extension");
    if (nonce && out.nonce) return Error{Code::malformed, "ocsp.nonce", "two nonces"};
    if (nonce) out.nonce = std::move(nonce);
  }
  return {};
}

Result<Request> read(OCSP_REQUEST* request) {
  Request out;
  const int count = OCSP_request_onereq_count(request);
  if (count < 1 || static_cast<std::size_t>(count) > kMaxSingle) return bad("a request asks about 1 to 16 certificates");
  TF_CHECK(read_extensions(request, out));
  for (int i = 0; i < count; ++i) {
    OCSP_ONEREQ* one = OCSP_request_onereq_get0(request, i);
    if (OCSP_ONEREQ_get_ext_by_critical(one, 1, -1) >= 0) return bad("an unknown critical extension");
    out.cert_ids.push_back(TF_TRY(read_cert_id(OCSP_onereq_get0_id(one))));
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
  if (der.empty() || der.size() > kMaxRequest) return bad("not a request in DER of at most 8 KiB");
  const std::uint8_t* at = der.data();
  const RequestHandle request(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!request || !std::ranges::equal(der_of<i2d_OCSP_REQUEST>(request.get()), der)) return bad("not a request in DER");
  if (names_version(der, 2)) return bad("not version 1");
  auto out = read(request.get());
  ERR_clear_error();
  return out;
}

Result<Request> decode_path(std::string_view path) {
  if (path.size() > 3 * (kMaxRequest / 3 * 4 + 4)) return Error{Code::malformed, "ocsp.path", "too long"};
  const auto der = wire::from_base64(TF_TRY(percent_decoded(path)));
  if (!der) return Error{Code::malformed, "ocsp.path", "not base64"};
  return decode_request(*der);
}

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
