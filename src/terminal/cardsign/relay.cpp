#include "terminal/cardsign/relay.hpp"

#include "apdu/response.hpp"

namespace tf::terminal {
namespace {

constexpr std::size_t kMaxAnswer = 32 * 1024 - 2;

// One command as it came, and the rest of its answer.
Result<Bytes> send(apdu::Channel& channel, const Bytes& command) {
  auto answer = TF_TRY(apdu::ResponseApdu::parse(TF_TRY(channel.transmit(command))));
  Bytes gathered = std::move(answer.data);
  while (number_of(answer.status) >> 8 == 0x61) {
    const auto left = static_cast<std::uint8_t>(number_of(answer.status) & 0xFF);  // 0 stands for 256 in both places
    const auto cla = static_cast<std::uint8_t>(command.front() & 0x03);            // the logical channel
    answer = TF_TRY(apdu::ResponseApdu::parse(TF_TRY(channel.transmit(Bytes{cla, 0xC0, 0x00, 0x00, left}))));
    if (answer.data.empty() && number_of(answer.status) >> 8 == 0x61)
      return Error{Code::malformed, "apdu.response", "the card promises more and gives nothing"};
    append(gathered, answer.data);
    if (gathered.size() > kMaxAnswer) return Error{Code::malformed, "apdu.answer_too_long", "the card's answer has no end"};
  }
  return apdu::ResponseApdu(std::move(gathered), answer.status).encode();
}

}  // namespace

bool is_gone(const Error& error) { return error.code == Code::unavailable; }

Result<Carried> carry_out(CardInReach& card, const std::vector<Bytes>& commands) {
  Carried out;
  std::shared_ptr<void> held;
  if (card.hold) {
    auto guard = card.hold();
    if (!guard && is_gone(guard.error())) return Carried{{}, std::move(guard.error())};
    held = TF_TRY(std::move(guard));
  }
  for (const Bytes& command : commands) {
    if (command.size() < 4) return Error{Code::malformed, "apdu.command", "a command has four octets at least"};
    auto answer = send(*card.channel, command);
    if (!answer && is_gone(answer.error())) return Carried{{}, std::move(answer.error())};
    out.answers.push_back(TF_TRY(std::move(answer)));
    const Bytes& last = out.answers.back();
    if (last[last.size() - 2] != 0x90 || last.back() != 0x00) break;
  }
  return out;
}

}  // namespace tf::terminal
