#include "apdu/payment_structure.hpp"

#include <algorithm>

#include "apdu/tlv.hpp"
#include "wire/fields.hpp"

namespace tf::apdu {
namespace {

constexpr std::string_view kPurpose = "payment";
enum : std::uint32_t { kDomain = 0xC0, kPurposeTag, kPayee, kAmount, kCurrency, kOrder, kSubject, kNonce, kExpires };

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
    const unsigned first = octet(at++);
    if (first < 0x80) continue;
    const int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || text.size() - at < static_cast<std::size_t>(more)) return false;
    unsigned value = first & (0x3Fu >> more);
    for (int i = 0; i < more; ++i, ++at) {
      if ((octet(at) & 0xC0) != 0x80) return false;
      value = value << 6 | (octet(at) & 0x3F);
    }
    // Longer than needed, a surrogate, C1 controls, or beyond Unicode.
    if ((more == 2 && value < 0x800) || (more == 3 && value < 0x10000) || (value >= 0xD800 && value < 0xE000) || value < 0xA0 || value > 0x10FFFF) return false;
  }
  return true;
}

bool plain(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most && is_utf8(text) &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool sound(const PaymentStructure& it) {
  return plain(it.domain, 1, 64) && plain(it.payee, 1, 64) && it.amount > 0 && it.currency.size() == 3 &&
         std::ranges::all_of(it.currency, [](char c) { return c >= 'A' && c <= 'Z'; }) && plain(it.order, 1, 64) && plain(it.subject, 0, 128) &&
         it.expires_ms >= 0;
}

ByteArray<8> eight(std::uint64_t value) {
  ByteArray<8> out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

Error bad_structure(const char* what) { return Error{Code::malformed, "cardsign.structure", what}; }

Result<std::uint64_t> number(TlvReader& reader, std::uint32_t tag) {
  const ByteView value = TF_TRY(reader.expect(tag));
  if (value.size() != 8) return bad_structure("a number of another size");
  std::uint64_t out = 0;
  for (const std::uint8_t octet : value) out = out << 8 | octet;
  return out;
}

Result<std::string> text(TlvReader& reader, std::uint32_t tag) { return std::string(as_text(TF_TRY(reader.expect(tag)))); }

Result<PaymentStructure> read(ByteView octets) {
  PaymentStructure out;
  TlvReader reader(octets);
  out.domain = TF_TRY(text(reader, kDomain));
  if (TF_TRY(text(reader, kPurposeTag)) != kPurpose) return bad_structure("another purpose");
  out.payee = TF_TRY(text(reader, kPayee));
  out.amount = TF_TRY(number(reader, kAmount));
  out.currency = TF_TRY(text(reader, kCurrency));
  out.order = TF_TRY(text(reader, kOrder));
  out.subject = TF_TRY(text(reader, kSubject));
  const ByteView nonce = TF_TRY(reader.expect(kNonce));
  if (nonce.size() != out.nonce.size()) return bad_structure("a nonce of another size");
  std::ranges::copy(nonce, out.nonce.begin());
  out.expires_ms = static_cast<std::int64_t>(TF_TRY(number(reader, kExpires)));
  TF_CHECK(reader.finish());
  return out;
}

}  // namespace

Result<Bytes> PaymentStructure::encode() const {
  if (!sound(*this)) return Error{Code::invalid, "cardsign.structure", "a member is out of its bounds"};
  TlvWriter out;
  out.put(kDomain, as_bytes(domain)).put(kPurposeTag, as_bytes(kPurpose)).put(kPayee, as_bytes(payee)).put(kAmount, eight(amount));
  out.put(kCurrency, as_bytes(currency)).put(kOrder, as_bytes(order)).put(kSubject, as_bytes(subject)).put(kNonce, nonce);
  return out.put(kExpires, eight(static_cast<std::uint64_t>(expires_ms))).take();
}

Result<PaymentStructure> PaymentStructure::parse(ByteView octets) {
  if (octets.size() > kMaxPaymentStructure) return bad_structure("too long");
  auto out = read(octets);
  if (!out) return bad_structure(out.error().detail.c_str());
  const auto again = out->encode();
  if (!again) return bad_structure("a member is out of its bounds");
  if (!std::ranges::equal(*again, octets)) return bad_structure("not in its shortest form");
  return out;
}

Bytes signed_payment(std::string_view serial, ByteView structure, const CardNonce& nonce, std::uint64_t counter) {
  return wire::FieldWriter().field("cardsign payment").field(serial).field(structure).field(nonce).number(counter).take();
}

Bytes signed_hash(std::string_view serial, ByteView structure, const CardNonce& nonce, std::uint64_t counter) {
  return wire::FieldWriter().field("cardsign hash").field(serial).field(structure).field(nonce).number(counter).take();
}

}  // namespace tf::apdu
