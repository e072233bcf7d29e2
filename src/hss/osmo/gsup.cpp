#include "hss/osmo/gsup.hpp"

#include <algorithm>

namespace tf::hss::osmo {
namespace {

enum Type : std::uint8_t { auth_info_request = 0x08, auth_info_error = 0x09, auth_info_result = 0x0a };
enum GsupTag : std::uint8_t { imsi_tag = 0x01, cause_tag = 0x02, tuple_tag = 0x03, rand_tag = 0x20, ik_tag = 0x23, ck_tag = 0x24, autn_tag = 0x25, auts_tag = 0x26, res_tag = 0x27 };

Error malformed_gsup(const char* what) { return {Code::malformed, "hss.gsup", what}; }

// TS 24.008 §10.5.4.7: two digits an octet, the first in the lower half; 1111 fills the last.
void put_imsi(Bytes& out, const std::string& digits) {
  out.push_back(imsi_tag);
  out.push_back(static_cast<std::uint8_t>((digits.size() + 1) / 2));
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = i + 1 < digits.size() ? digits[i + 1] - '0' : 0xf;
    out.push_back(static_cast<std::uint8_t>(high << 4 | (digits[i] - '0')));
  }
}

Result<Imsi> imsi_of(ByteView value) {
  std::string digits;
  for (const std::uint8_t octet : value) {
    const int first = octet & 15;
    const int second = octet >> 4;
    if (first > 9 || (second > 9 && second != 15) || (!digits.empty() && digits.back() == 'f')) return malformed_gsup("an IMSI with something else than digits");
    digits.push_back(static_cast<char>('0' + first));
    digits.push_back(second == 15 ? 'f' : static_cast<char>('0' + second));
  }
  if (!digits.empty() && digits.back() == 'f') digits.pop_back();
  auto out = Imsi::parse(digits);
  return out ? std::move(out) : Result<Imsi>(malformed_gsup("an IMSI of another size"));
}

struct Element {
  std::uint8_t tag = 0;
  ByteView value;
};
Result<Element> next(ByteView& rest) {
  if (rest.size() < 2 || rest.size() - 2 < rest[1]) return malformed_gsup("an element is cut off");
  const Element out{rest[0], rest.subspan(2, rest[1])};
  rest = rest.subspan(2 + out.value.size());
  return out;
}

Status copy_to(MutableByteView to, ByteView value, unsigned& seen, unsigned bit) {
  if (value.size() != to.size() || (seen & bit) != 0) return malformed_gsup("a value of another size, or twice");
  std::ranges::copy(value, to.begin());
  seen |= bit;
  return {};
}

Result<crypto::AkaVector> tuple_of(ByteView rest) {
  crypto::AkaVector out;
  unsigned seen = 0;
  while (!rest.empty()) {
    const Element element = TF_TRY(next(rest));
    if (element.tag == rand_tag) TF_CHECK(copy_to(out.rand, element.value, seen, 1));
    if (element.tag == ik_tag) TF_CHECK(copy_to(out.ik.reveal_mutable(), element.value, seen, 2));
    if (element.tag == ck_tag) TF_CHECK(copy_to(out.ck.reveal_mutable(), element.value, seen, 4));
    if (element.tag == autn_tag) TF_CHECK(copy_to(out.autn, element.value, seen, 8));
    if (element.tag == res_tag) TF_CHECK(copy_to(out.res.reveal_mutable(), element.value, seen, 16));
  }
  if (seen != 31) return malformed_gsup("a vector that is not whole");
  return out;
}

}  // namespace

Bytes encode_auth_info(const Imsi& imsi, const std::optional<Resynchronisation>& resync) {
  Bytes out{auth_info_request};
  put_imsi(out, imsi.text());
  if (!resync) return out;
  out.insert(out.end(), {auts_tag, static_cast<std::uint8_t>(resync->auts.size())});
  append(out, resync->auts);
  out.insert(out.end(), {rand_tag, static_cast<std::uint8_t>(resync->rand.size())});
  append(out, resync->rand);
  return out;
}

bool is_auth_info_answer(ByteView message) { return !message.empty() && (message[0] == auth_info_error || message[0] == auth_info_result); }

Result<AuthInfoAnswer> decode_auth_info(ByteView message) {
  if (!is_auth_info_answer(message)) return malformed_gsup("a message of another type");
  const std::uint8_t type = message[0];
  std::optional<Imsi> imsi;
  std::optional<std::uint8_t> cause;
  std::vector<crypto::AkaVector> vectors;
  for (ByteView rest = message.subspan(1); !rest.empty();) {
    const Element element = TF_TRY(next(rest));
    if (element.tag == imsi_tag) {
      if (imsi) return malformed_gsup("two IMSIs");
      imsi = TF_TRY(imsi_of(element.value));
    } else if (element.tag == cause_tag) {
      if (cause || element.value.size() != 1) return malformed_gsup("a cause of another size, or twice");
      cause = element.value[0];
    } else if (element.tag == tuple_tag) {
      if (vectors.size() == kMaxTuples) return malformed_gsup("too many vectors");
      vectors.push_back(TF_TRY(tuple_of(element.value)));
    }
  }
  const bool whole = type == auth_info_error ? cause.has_value() && vectors.empty() : !cause && !vectors.empty();
  if (!imsi || !whole) return malformed_gsup("a message that is not whole");
  return AuthInfoAnswer{std::move(*imsi), cause, std::move(vectors)};
}

}  // namespace tf::hss::osmo
