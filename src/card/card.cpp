#include "card/card.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace tf::card {
namespace {

using apdu::CommandApdu;
using apdu::ResponseApdu;

// T=1; card service data and capabilities (chaining, extended lengths) among the historical bytes.
constexpr ByteArray<11> kAtr{0x3B, 0x87, 0x01, 0x80, 0x31, 0xC0, 0x73, 0xC0, 0x21, 0xC0, 0xA5};
constexpr std::uint8_t kSelect = 0xA4, kGetResponse = 0xC0, kManageChannel = 0x70;
constexpr std::uint8_t kByName = 0x04;
constexpr std::uint8_t kChainBit = 0x10;

bool same_head(const CommandApdu& a, const CommandApdu& b) { return a.cla == b.cla && a.ins == b.ins && a.p1 == b.p1 && a.p2 == b.p2; }
bool selects_by_name(const CommandApdu& command) { return command.base_class() == 0 && command.ins == kSelect && command.p1 == kByName; }
bool manages_channels(const CommandApdu& command) { return command.base_class() == 0 && command.ins == kManageChannel && !command.chained(); }

}  // namespace

struct Card::Lane {
  Application* application = nullptr;
  std::unique_ptr<Session> session{};
  std::optional<CommandApdu> chain{};  // what came of a chain so far
  Bytes rest{};                        // of an answer
  StatusWord rest_status = StatusWord::ok;

  ~Lane() { drop_chain(); }
  void drop_chain() {
    if (chain) wipe(chain->data.data(), chain->data.size());
    chain.reset();
  }
  // As much as was asked for; the remainder waits for GET RESPONSE (ISO/IEC 7816-4 §5.3.4). Clients that leave Le out take what a short answer holds.
  ResponseApdu in_pieces(ResponseApdu whole, const CommandApdu& command) {
    const std::size_t most = command.le ? *command.le : command.extended ? apdu::kMaxExtendedLe : apdu::kMaxShortLe;
    rest.clear();
    if (whole.data.size() <= most) return whole;
    rest.assign(whole.data.begin() + static_cast<std::ptrdiff_t>(most), whole.data.end());
    rest_status = whole.status;
    whole.data.resize(most);
    whole.status = apdu::more_data(rest.size());
    return whole;
  }
  ResponseApdu next_piece(const CommandApdu& command) {
    if (command.p1 != 0 || command.p2 != 0) return StatusWord::wrong_p1_p2;
    if (!command.data.empty()) return StatusWord::wrong_length;
    if (rest.empty()) return StatusWord::conditions_of_use;
    return in_pieces(ResponseApdu(std::exchange(rest, {}), rest_status), command);
  }
};

struct Card::Inside {
  Memory& memory;
  std::vector<std::unique_ptr<Application>> applications;
  std::mutex turn{};
};

Card::Card(Memory& memory, std::vector<std::unique_ptr<Application>> applications) : Card(std::make_shared<Inside>(memory, std::move(applications))) {}
Card::Card(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
Card::~Card() = default;

ByteView Card::atr() { return kAtr; }

void Card::forget() {
  for (auto& lane : lanes_) lane.reset();
}

void Card::power_off() {
  const std::lock_guard guard(inside_->turn);
  forget();
  powered_ = false;
}

void Card::power_on() {
  const std::lock_guard guard(inside_->turn);
  forget();
  powered_ = inside_->memory.reload().has_value();
  lanes_[0] = std::make_unique<Lane>();
}

void Card::reset() { power_on(); }

bool Card::powered() const {
  const std::lock_guard guard(inside_->turn);
  return powered_;
}

Bytes Card::transmit(ByteView octets) {
  const std::lock_guard guard(inside_->turn);
  if (!powered_ || !inside_->memory.usable()) return ResponseApdu(StatusWord::no_diagnosis).encode();
  auto command = CommandApdu::parse(octets);
  if (!command) return ResponseApdu(!octets.empty() && octets[0] == 0xFF ? StatusWord::wrong_cla : StatusWord::wrong_length).encode();
  const ResponseApdu out = answer(*command);
  if (closing_ != 0) lanes_[std::exchange(closing_, 0)].reset();
  wipe(command->data.data(), command->data.size());
  // An answer to something whose write failed is not given, whatever the application says.
  if (!inside_->memory.usable()) return ResponseApdu(StatusWord::memory_failure).encode();
  return out.encode();
}

ResponseApdu Card::answer(const CommandApdu& command) {
  const unsigned channel = command.channel();
  if (channel >= kChannels || !lanes_[channel]) return StatusWord::channel_not_supported;
  Lane& lane = *lanes_[channel];
  if (command.base_class() == 0 && command.ins == kGetResponse && !command.chained()) return lane.next_piece(command);
  lane.rest.clear();
  // Channels come and go beside whatever a channel is in the middle of.
  if (lane.chain && manages_channels(command)) return whole(channel, command);

  if (lane.chain) {
    const bool abandoned = selects_by_name(command) && !command.chained();
    CommandApdu head = command;
    head.cla = static_cast<std::uint8_t>(command.cla & ~kChainBit);
    if (!abandoned && !same_head(head, *lane.chain)) {
      lane.drop_chain();
      return StatusWord::last_of_chain_expected;
    }
    if (abandoned || lane.chain->data.size() + command.data.size() > kMaxChain) {
      lane.drop_chain();
      if (!abandoned) return StatusWord::wrong_length;
    }
  }
  if (!lane.chain && !command.chained()) return lane.in_pieces(whole(channel, command), command);
  return chained(lane, channel, command);
}

// A command that is or completes a chain.
ResponseApdu Card::chained(Lane& lane, unsigned channel, const CommandApdu& command) {
  if (!lane.chain) {
    lane.chain = CommandApdu{.cla = static_cast<std::uint8_t>(command.cla & ~kChainBit), .ins = command.ins, .p1 = command.p1, .p2 = command.p2};
    lane.chain->data.reserve(kMaxChain);  // it may hold a PIN: no copies are left behind
  }
  append(lane.chain->data, command.data);
  if (command.chained()) return StatusWord::ok;
  lane.chain->le = command.le;
  CommandApdu joined = std::move(*lane.chain);
  lane.chain.reset();
  ResponseApdu out = lane.in_pieces(whole(channel, joined), command);
  wipe(joined.data.data(), joined.data.size());
  return out;
}

ResponseApdu Card::whole(unsigned channel, const CommandApdu& command) {
  Lane& lane = *lanes_[channel];
  if (selects_by_name(command)) return select(lane, command);
  if (manages_channels(command)) return manage_channel(channel, command);
  if (!lane.session) return command.ins == kSelect ? StatusWord::file_not_found : StatusWord::wrong_ins;
  return lane.session->handle(command);
}

// §7.1.1; the first occurrence, with its control information or without (P2).
ResponseApdu Card::select(Lane& lane, const CommandApdu& command) {
  if (command.secured()) return StatusWord::secure_messaging_not_supported;
  if (command.p2 != 0x00 && command.p2 != 0x04 && command.p2 != 0x0C) return StatusWord::wrong_p1_p2;
  const auto found = std::ranges::find_if(inside_->applications, [&](const auto& application) { return application->answers_to(command.data); });
  if (found == inside_->applications.end()) return StatusWord::file_not_found;
  const bool again = lane.application == found->get() && lane.session;
  auto session = again ? nullptr : (*found)->open();
  ResponseApdu out = (again ? lane.session : session)->selected();
  if (!out.ok()) return out;  // what was selected still is
  if (!again) {
    lane.session = std::move(session);
    lane.application = found->get();
  }
  if (command.p2 == 0x0C) out.data.clear();
  return out;
}

// §7.1.2. A channel that is opened has nothing selected.
ResponseApdu Card::manage_channel(unsigned from, const CommandApdu& command) {
  if (command.secured()) return StatusWord::secure_messaging_not_supported;
  if (!command.data.empty()) return StatusWord::wrong_length;
  if (command.p1 == 0x00) {
    unsigned number = command.p2;
    if (number == 0)
      for (number = 1; number < kChannels && lanes_[number]; ++number) {}
    if (number >= kChannels) return command.p2 == 0 ? StatusWord::function_not_supported : StatusWord::wrong_p1_p2;
    if (lanes_[number]) return StatusWord::channel_not_supported;
    lanes_[number] = std::make_unique<Lane>();
    return command.p2 == 0 ? ResponseApdu(Bytes{static_cast<std::uint8_t>(number)}) : ResponseApdu();
  }
  if (command.p1 != 0x80) return StatusWord::wrong_p1_p2;
  const unsigned number = command.p2 == 0 ? from : command.p2;
  if (number == 0 || number >= kChannels) return StatusWord::wrong_p1_p2;
  if (!lanes_[number]) return StatusWord::channel_not_supported;
  closing_ = number;
  return {};
}

Result<Bytes> InProcessChannel::transmit(ByteView command) {
  if (!card_.powered()) return Error{Code::unavailable, "card.no_power", "the card has no power"};
  return card_.transmit(command);
}

}  // namespace tf::card
