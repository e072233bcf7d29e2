#include "apdu/command.hpp"

namespace tf::apdu {
namespace {

Error bad_command(const char* what) { return Error{Code::malformed, "apdu.command", what}; }

std::uint32_t two(ByteView octets) { return static_cast<std::uint32_t>(octets[0]) << 8 | octets[1]; }

// After the header: the short cases 2, 3 and 4.
Status parse_short(CommandApdu& out, ByteView body) {
  if (body.size() == 1) {
    out.le = body[0] == 0 ? kMaxShortLe : body[0];
    return {};
  }
  const std::size_t lc = body[0];
  if (body.size() != 1 + lc && body.size() != 2 + lc) return bad_command("Lc does not fit");
  out.data = to_bytes(body.subspan(1, lc));
  if (body.size() == 2 + lc) out.le = body.back() == 0 ? kMaxShortLe : body.back();
  return {};
}

// The same behind a leading 00, with lengths of two octets.
Status parse_extended(CommandApdu& out, ByteView body) {
  out.extended = true;
  const auto le_of = [](ByteView octets) { return two(octets) == 0 ? kMaxExtendedLe : two(octets); };
  if (body.size() == 3) {
    out.le = le_of(body.subspan(1));
    return {};
  }
  if (body.size() < 3) return bad_command("Lc does not fit");
  const std::size_t lc = two(body.subspan(1));
  if (lc == 0 || (body.size() != 3 + lc && body.size() != 5 + lc)) return bad_command("Lc does not fit");
  out.data = to_bytes(body.subspan(3, lc));
  if (body.size() == 5 + lc) out.le = le_of(body.last(2));
  return {};
}

void put_two(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace

Result<CommandApdu> CommandApdu::parse(ByteView octets) {
  if (octets.size() < 4) return bad_command("shorter than a header");
  CommandApdu out{.cla = octets[0], .ins = octets[1], .p1 = octets[2], .p2 = octets[3]};
  if (out.cla == 0xFF) return bad_command("class FF");  // §5.4.1: never a class
  const ByteView body = octets.subspan(4);
  if (body.empty()) return out;
  if (body[0] != 0 || body.size() == 1) TF_CHECK(parse_short(out, body));
  else TF_CHECK(parse_extended(out, body));
  return out;
}

Result<Bytes> CommandApdu::encode() const {
  if (data.size() > kMaxExtendedData || (le && (*le < 1 || *le > kMaxExtendedLe)))
    return Error{Code::invalid, "apdu.too_long", "data or Le beyond 65535 octets"};
  const bool wide = extended || data.size() > kMaxShortData || (le && *le > kMaxShortLe);
  Bytes out;
  out.reserve(data.size() + 9);
  for (const std::uint8_t octet : {cla, ins, p1, p2}) out.push_back(octet);
  if (data.empty() && !le) return out;
  if (wide) out.push_back(0);
  if (!data.empty()) {
    if (wide) put_two(out, data.size());
    else out.push_back(static_cast<std::uint8_t>(data.size()));
    append(out, data);
  }
  if (le && wide) put_two(out, *le);  // 65536 is written 0000
  else if (le) out.push_back(static_cast<std::uint8_t>(*le));
  return out;
}

}  // namespace tf::apdu
