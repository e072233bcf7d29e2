// The terminal's card as a reader of the PC it is attached to: the card in the terminal's reader answers what the PC's pcscd asks over its
// virtual reader (vpcd, pcsc/vpcd_link.hpp). Commands and answers pass unchanged. When the card is pulled out of the terminal, it is pulled
// out of the PC's reader too.
#pragma once
#include <functional>
#include <memory>

#include "base/ports.hpp"
#include "pcsc/channel.hpp"
#include "pcsc/vpcd_link.hpp"

namespace tf::terminal {

// A card of a reader, as vpcd asks for it. gone() becomes true once it is out; from then on it answers 6F00.
class AttachedCard final : public pcsc::Inserted {
 public:
  AttachedCard(pcsc::Library& library, pcsc::Reader reader, std::unique_ptr<pcsc::PcscChannel> channel, std::function<void()> on_gone)
      : library_(library), reader_(std::move(reader)), channel_(std::move(channel)), on_gone_(std::move(on_gone)) {}

  ByteView atr() override;  // asked for every 400 ms, so it looks whether the card is there
  void power_on() override { reset(); }
  void power_off() override {}  // the card is off and on again at the next power_on
  void reset() override;
  Bytes transmit(ByteView command) override;
  [[nodiscard]] bool gone() const { return gone_; }

 private:
  void lose();
  pcsc::Library& library_;
  pcsc::Reader reader_;
  std::unique_ptr<pcsc::PcscChannel> channel_;
  std::function<void()> on_gone_;
  bool gone_ = false;
};

struct AttachOrder {
  std::string host;
  std::uint16_t port = pcsc::kVpcdPort;
  std::string reader;  // empty: the first with a card
};
struct AttachPorts {
  const Clock& clock;
  pcsc::Library& library;
  int stop = -1;  // a descriptor that becomes readable when it is to end
  std::function<void(const std::string& what)> progress = {};
};
// Until it is told to stop: waits for a card and for the PC, again and again. Errors that waiting does not mend: "pcsc.no_service", "pcsc.denied".
Status attach(const AttachOrder& order, const AttachPorts& ports);

// The same for a card of this process.
Status attach_card(pcsc::Inserted& card, const AttachOrder& order, const AttachPorts& ports);

}  // namespace tf::terminal
