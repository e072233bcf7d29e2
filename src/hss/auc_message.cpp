#include "hss/auc_message.hpp"

#include <algorithm>

#include "wire/encoding.hpp"

namespace tf::hss {
namespace {

Error malformed(const char* what) { return {Code::malformed, "hss.auc_message", what}; }

// The next word; what follows it without the space between.
Result<std::string_view> word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  if (end == 0) return malformed("a word is missing");
  const std::string_view out = rest.substr(0, end);
  const bool more = end < rest.size();
  rest.remove_prefix(more ? end + 1 : end);
  if (more && rest.empty()) return malformed("a space at the end");
  return out;
}

template <std::size_t N>
Result<ByteArray<N>> octets(std::string_view& rest) {
  const std::string_view text = TF_TRY(word(rest));
  if (text.size() != 2 * N) return malformed("a value of another size");
  const auto bytes = wire::from_hex(text);
  if (!bytes) return malformed("a value with something else than hexadecimal digits");
  ByteArray<N> out;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

Result<Imsi> imsi_of(std::string_view& rest) {
  auto out = Imsi::parse(TF_TRY(word(rest)));
  return out ? std::move(out) : Result<Imsi>(malformed("no IMSI"));
}

// Hexadecimal digits written where they stay: a string would leave copies of keys behind.
std::size_t put(MutableByteView out, ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out[0] = ' ';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[1 + 2 * i] = static_cast<std::uint8_t>(kDigits[bytes[i] >> 4]);
    out[2 + 2 * i] = static_cast<std::uint8_t>(kDigits[bytes[i] & 15]);
  }
  return 1 + 2 * bytes.size();
}

}  // namespace

Result<AucMessage> parse_auc(std::string_view datagram) {
  if (datagram.size() > kMaxAucMessage) return malformed("a message that is too long");
  std::string_view rest = datagram;
  const std::string_view what = TF_TRY(word(rest));
  if (what == "AKA-REQ-AUTH") {
    AucRequest out{TF_TRY(imsi_of(rest))};
    if (!rest.empty()) return malformed("a word too many");
    return AucMessage(std::move(out));
  }
  if (what == "AKA-AUTS") {
    AucResync out{TF_TRY(imsi_of(rest))};
    out.auts = TF_TRY(octets<14>(rest));
    out.rand = TF_TRY(octets<16>(rest));
    if (!rest.empty()) return malformed("a word too many");
    return AucMessage(std::move(out));
  }
  return malformed("a message of another kind");
}

SecretBytes auc_answer(const Imsi& imsi, const crypto::AkaVector& vector) {
  const std::string head = "AKA-RESP-AUTH " + imsi.text();
  SecretBytes out(head.size() + 5 + 2 * (16 + 16 + 16 + 16 + 8));
  std::ranges::copy(head, out.reveal_mutable().begin());
  std::size_t at = head.size();
  for (const ByteView part : {ByteView(vector.rand), ByteView(vector.autn), ByteView(vector.ik.reveal()), ByteView(vector.ck.reveal()),
                              ByteView(vector.res.reveal())})
    at += put(out.reveal_mutable().subspan(at), part);
  return out;
}

std::string auc_failure(const Imsi& imsi) { return "AKA-RESP-AUTH " + imsi.text() + " FAILURE"; }

}  // namespace tf::hss
