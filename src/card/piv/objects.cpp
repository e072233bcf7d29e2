// GET DATA and PUT DATA (SP 800-73-4 part 2, 3.1.2 and 3.3.1).
#include "apdu/tlv.hpp"
#include "card/piv/session.hpp"

namespace tf::card::piv {
namespace {

constexpr std::uint32_t kTagList = 0x5C, kValue = 0x53;

// The application's name, and that the PIV PIN alone is used (part 1, 3.3.2).
Bytes discovery() {
  constexpr std::uint8_t kPolicy[] = {0x40, 0x00};
  return apdu::tlv(kDiscovery, apdu::TlvWriter().put(0x4F, kAid).put(0x5F2F, kPolicy).bytes());
}

Answer<std::uint32_t> tag_of(ByteView octets) {
  if (octets.empty() || octets.size() > 3) return StatusWord::wrong_data;
  std::uint32_t tag = 0;
  for (const std::uint8_t octet : octets) tag = tag << 8 | octet;
  return tag;
}

}  // namespace

Answer<Bytes> PivSession::get_data(const Command& command) {
  if (command.p1 != 0x3F || command.p2 != 0xFF) return StatusWord::wrong_p1_p2;
  const std::uint32_t tag = TF_TRY(tag_of(TF_TRY(apdu::only(command.data, kTagList))));
  if (tag == kDiscovery) return discovery();
  const auto rule = rule_of(tag);
  if (!rule) return StatusWord::file_not_found;
  if (!allows(rule->read, met())) return StatusWord::security_status;
  return apdu::tlv(kValue, TF_TRY(services_.files.read(FileId{kFiles, tag}, met())));
}

Done PivSession::put_data(const Command& command) {
  if (command.p1 != 0x3F || command.p2 != 0xFF) return StatusWord::wrong_p1_p2;
  if (!administrator_) return StatusWord::security_status;
  apdu::TlvReader reader(command.data);
  const std::uint32_t tag = TF_TRY(tag_of(TF_TRY(reader.expect(kTagList))));
  const ByteView value = TF_TRY(reader.expect(kValue));
  TF_CHECK(reader.finish());
  const auto rule = rule_of(tag);
  if (!rule || !allows(rule->write, met())) return StatusWord::file_not_found;
  if (value.size() > kMaxFile) return StatusWord::not_enough_memory;
  const FileId id{kFiles, tag};
  if (value.empty()) {
    if (services_.files.exists(id)) TF_CHECK(services_.files.remove(id));
    return {};
  }
  TF_CHECK(services_.files.create(id, rule->read, rule->write, value));
  return {};
}

}  // namespace tf::card::piv
