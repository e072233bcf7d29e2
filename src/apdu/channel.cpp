#include "apdu/channel.hpp"

#include <algorithm>

#include "base/secret.hpp"

namespace tf::apdu {
namespace {

constexpr std::uint8_t kChained = 0x10;
constexpr std::uint8_t kGetResponse = 0xC0;

Result<ResponseApdu> send(Channel& channel, const CommandApdu& command) {
  const Bytes octets = TF_TRY(command.encode());
  return ResponseApdu::parse(TF_TRY(channel.transmit(octets)));
}

// All pieces but the last are acknowledged with 9000, or the chain ends there.
Result<ResponseApdu> send_in_pieces(Channel& channel, const CommandApdu& command) {
  ByteView rest = command.data;
  while (rest.size() > kMaxShortData) {
    CommandApdu piece{.cla = static_cast<std::uint8_t>(command.cla | kChained), .ins = command.ins, .p1 = command.p1, .p2 = command.p2};
    piece.data = to_bytes(rest.first(kMaxShortData));
    ResponseApdu answer = TF_TRY(send(channel, piece));
    wipe(piece.data.data(), piece.data.size());
    if (!answer.ok()) return answer;
    rest = rest.subspan(kMaxShortData);
  }
  CommandApdu last = command;
  last.data = to_bytes(rest);
  last.extended = false;
  if (last.le) last.le = std::min(*last.le, kMaxShortLe);
  return send(channel, last);
}

}  // namespace

Result<ResponseApdu> exchange(Channel& channel, const CommandApdu& command, Sizes sizes) {
  ResponseApdu answer = TF_TRY(sizes == Sizes::extended_apdus ? send(channel, command) : send_in_pieces(channel, command));
  if (number_of(answer.status) >> 8 == 0x6C) {
    CommandApdu again = command;
    again.le = (number_of(answer.status) & 0xFF) == 0 ? kMaxShortLe : number_of(answer.status) & 0xFFu;
    answer = TF_TRY(sizes == Sizes::extended_apdus ? send(channel, again) : send_in_pieces(channel, again));
  }
  Bytes gathered = std::move(answer.data);
  while (number_of(answer.status) >> 8 == 0x61) {
    const unsigned left = number_of(answer.status) & 0xFF;
    const CommandApdu fetch{.cla = static_cast<std::uint8_t>(command.cla & 0x03), .ins = kGetResponse, .le = left == 0 ? kMaxShortLe : left};
    answer = TF_TRY(send(channel, fetch));
    if (answer.data.empty() && number_of(answer.status) >> 8 == 0x61)
      return Error{Code::malformed, "apdu.response", "more is promised and nothing comes"};
    append(gathered, answer.data);
    if (gathered.size() > kMaxAnswer) return Error{Code::malformed, "apdu.answer_too_long", "the card does not end"};
  }
  answer.data = std::move(gathered);
  return answer;
}

Result<Bytes> exchange_ok(Channel& channel, const CommandApdu& command, Sizes sizes) {
  ResponseApdu answer = TF_TRY(exchange(channel, command, sizes));
  if (!answer.ok()) return Error{Code::refused, "apdu.status", describe(answer.status)};
  return std::move(answer.data);
}

Result<std::uint8_t> open_channel(Channel& channel, ByteView application) {
  constexpr std::uint8_t kChannels = 4;
  const Bytes opened = TF_TRY(exchange_ok(channel, {.cla = 0x00, .ins = 0x70, .p1 = 0x00, .p2 = 0x00, .le = 1}));
  if (opened.size() != 1 || opened[0] < 1 || opened[0] >= kChannels) return Error{Code::malformed, "apdu.response", "no channel"};
  if (exchange_ok(channel, {.cla = opened[0], .ins = 0xA4, .p1 = 0x04, .p2 = 0x0C, .data = to_bytes(application)})) return std::uint8_t{opened[0]};
  close_channel(channel, opened[0]);
  return Error{Code::not_found, "apdu.no_application", "the card has no such application"};
}

void close_channel(Channel& channel, std::uint8_t number) { (void)exchange(channel, {.cla = 0x00, .ins = 0x70, .p1 = 0x80, .p2 = number}); }

}  // namespace tf::apdu
