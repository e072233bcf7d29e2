// OpenSSL's ASN.1 values in our types; private to pki.
#pragma once
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handles.hpp"

namespace tf::pki {

using Asn1Time = crypto::Handle<ASN1_TIME, ASN1_TIME_free>;
using Asn1Integer = crypto::Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
using Asn1Octets = crypto::Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using Asn1Bits = crypto::Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;

inline const char* chars(const SecretBytes& secret) { return reinterpret_cast<const char*>(secret.reveal().data()); }

// RFC 7093 §2, method 1: the leftmost 160 bits of the SHA-256 of the key.
Bytes key_id_of(const X509* certificate);

// DER of an object, empty when it cannot be encoded: der_of<i2d_X509>(x509).
template <auto I2d, class T>
Bytes der_of(T* object) {
  const int size = I2d(object, nullptr);
  Bytes out(size > 0 ? static_cast<std::size_t>(size) : 0);
  std::uint8_t* at = out.data();
  if (size <= 0 || I2d(object, &at) != size) out.clear();
  return out;
}

inline ByteView octets_of(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// One value in DER: its header (OpenSSL writes it) and the parts of its content.
struct Tag {
  int number;
  int tag_class = V_ASN1_UNIVERSAL;
  bool constructed = false;
};
inline constexpr Tag kSequence{V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true};
inline constexpr std::uint8_t kSequenceOctet = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED;  // as a header begins
Bytes tlv(Tag tag, std::initializer_list<ByteView> content);
constexpr Tag explicit_tag(int number) { return {number, V_ASN1_CONTEXT_SPECIFIC, true}; }
constexpr Tag implicit_tag(int number) { return {number, V_ASN1_CONTEXT_SPECIFIC, false}; }  // of a primitive type
// DER written from its end to its beginning, in one piece of memory: when a header is written its contents stand there already, and
// their length is known. OpenSSL writes the headers.
class DerWriter {
 public:
  explicit DerWriter(std::size_t capacity) : octets_(capacity), at_(capacity) {}
  void put(ByteView octets);                        // before what is there
  [[nodiscard]] std::size_t size() const { return octets_.size() - at_; }
  void close(Tag tag, std::size_t size_before);     // a header before all that was put since size() was this
  [[nodiscard]] ByteView octets() const { return ByteView(octets_).subspan(at_); }

 private:
  Bytes octets_;
  std::size_t at_;
};
// The element that octets begin with, with its header or its contents alone; empty when they are not DER.
ByteView first_element(ByteView octets, bool contents_only);
// The elements that stand one after another, with their headers; none when not all of it is DER.
std::vector<ByteView> elements_of(ByteView octets);
// The contents of octets, where they are one element and nothing else, and its header is as DER has it. first: the header's first octet,
// which tells tag, class and form.
std::optional<ByteView> contents_of(ByteView octets, std::uint8_t first);

// Milliseconds since 1970; only the forms of RFC 5280 §4.1.2.5 (UTC, with seconds).
Result<std::int64_t> ms_of(const ASN1_TIME* time);
Asn1Time asn1_time(std::int64_t ms);  // whole seconds; null past the year 9999
// "20261101000000Z", from 1970 to 9999; without fractions of seconds. UTCTime leaves the first two digits out.
std::array<std::uint8_t, 15> time_text(std::int64_t ms);

// Upper-case hex of a positive number of at most 20 octets (RFC 5280 §4.1.2.2).
Result<std::string> serial_hex_of(const ASN1_INTEGER* serial);
Result<Asn1Integer> serial_from_hex(std::string_view hex);

std::string text_of(const X509_NAME* name);  // RFC 2253, for people
// The one value of an attribute, empty when the name has none; refused when it has two or control characters.
Result<std::string> attribute_of(const X509_NAME* name, int nid);

std::string to_pem_text(const char* label, ByteView der);
// Every block of the text has this label and no header; between them may stand comments. Code::malformed "pki.pem".
Result<std::vector<Bytes>> from_pem_text(std::string_view text, std::string_view label, std::size_t max_blocks);
Result<Bytes> from_pem_text(std::string_view text, std::string_view label);

}  // namespace tf::pki
