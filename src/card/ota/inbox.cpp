#include "card/ota/inbox.hpp"

#include "apdu/sms_download.hpp"

namespace tf::card::ota {

Answer<Bytes> Inbox::envelope(const apdu::CommandApdu& command) {
  constexpr std::uint8_t kDownload = 0xD1;
  if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
  if (command.data.empty() || command.data[0] != kDownload) return Receiver(services_).envelope(command.data);
  auto part = TF_TRY(apdu::ota::read_download(command.data));
  if (part.reference != reference_ || part.total != total_) parts_.clear();
  reference_ = part.reference;
  total_ = part.total;
  parts_.insert_or_assign(part.number, std::move(part.content));
  if (parts_.size() < total_) return Bytes{};
  Bytes packet;
  for (const auto& [number, content] : parts_) append(packet, content);
  parts_.clear();
  total_ = 0;
  return Receiver(services_).envelope(apdu::ota::envelope(packet).data);
}

}  // namespace tf::card::ota
