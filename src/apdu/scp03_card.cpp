#include <algorithm>

#include "apdu/scp03.hpp"
#include "apdu/scp03_parts.hpp"

namespace tf::apdu::scp03 {
namespace {

constexpr std::uint8_t kParameter = 0x60;  // i: random challenge, R-MAC and R-ENC

bool acceptable(std::uint8_t level) {
  return level == (kCommandMac | kCommandEncryption) || level == (kCommandMac | kCommandEncryption | kAnswerMac) || level == kEverything;
}

}  // namespace

void CardSession::close() {
  session_.reset();
  expected_.clear();
  open_ = false;
}

std::expected<Bytes, StatusWord> CardSession::initialize_update(const CommandApdu& command, const StaticKeys& keys, const Identity& identity, Random& random) {
  close();
  if (command.p1 != 0 && command.p1 != identity.key_version) return std::unexpected(StatusWord::reference_not_found);
  if (command.p2 != 0) return std::unexpected(StatusWord::wrong_p1_p2);
  if (command.data.size() != kChallengeSize) return std::unexpected(StatusWord::wrong_length);
  if (!keys.valid()) return std::unexpected(StatusWord::conditions_of_use);
  const auto challenge = random.array<kChallengeSize>();
  Bytes context = command.data;
  append(context, challenge);
  session_ = make_session(keys, context, 0);
  expected_ = cryptogram(*session_, 0x01, context);
  Bytes out = to_bytes(identity.diversification);
  for (const std::uint8_t octet : {identity.key_version, std::uint8_t{0x03}, kParameter}) out.push_back(octet);
  append(out, challenge);
  append(out, cryptogram(*session_, 0x00, context));
  return out;
}

StatusWord CardSession::external_authenticate(const CommandApdu& command) {
  if (!session_ || open_) {
    close();
    return StatusWord::conditions_of_use;
  }
  Session session = std::move(*session_);
  const Bytes expected = std::move(expected_);
  close();  // one try a challenge
  if (command.data.size() != 2 * kMacSize) return StatusWord::wrong_length;
  if (!acceptable(command.p1) || command.p2 != 0) return StatusWord::wrong_p1_p2;
  const ByteView data = command.data;
  const Bytes mac = command_mac(session, command, data.first(kMacSize));
  if (!equal_in_constant_time(ByteView(mac).first(kMacSize), data.last(kMacSize))) return StatusWord::wrong_sm_object;
  if (!equal_in_constant_time(expected, data.first(kMacSize))) return StatusWord::authentication_failed;
  session.chaining = mac;
  session.level = command.p1;
  session_ = std::move(session);
  open_ = true;
  return StatusWord::ok;
}

std::expected<CommandApdu, StatusWord> CardSession::unwrap(const CommandApdu& wrapped) {
  const auto refuse = [&](StatusWord word) {
    close();
    return std::unexpected(word);
  };
  if (!open_) return refuse(StatusWord::security_status);
  if (wrapped.data.size() < kMacSize) return refuse(StatusWord::missing_sm_object);
  const ByteView data = ByteView(wrapped.data).first(wrapped.data.size() - kMacSize);
  const Bytes mac = command_mac(*session_, wrapped, data);
  if (!equal_in_constant_time(ByteView(mac).first(kMacSize), ByteView(wrapped.data).last(kMacSize))) return refuse(StatusWord::wrong_sm_object);
  session_->chaining = mac;
  ++session_->counter;
  CommandApdu out = wrapped;
  out.cla = static_cast<std::uint8_t>(wrapped.cla & ~0x04);
  out.data = to_bytes(data);
  if (data.empty()) return out;
  const auto plain = decrypt(*session_, session_->counter, false, data);
  if (!plain) return refuse(StatusWord::wrong_data);
  out.data = to_bytes(plain->reveal());
  return out;
}

Result<ResponseApdu> CardSession::wrap(const ResponseApdu& plain) const {
  if (!open_) return Error{Code::conflict, "scp03.closed", "no secure channel is open"};
  if (!is_protected(plain.status)) return ResponseApdu(plain.status);
  ResponseApdu out = plain;
  if ((session_->level & kAnswerEncryption) != 0 && !plain.data.empty()) out.data = TF_TRY(encrypt(*session_, session_->counter, true, plain.data));
  if ((session_->level & kAnswerMac) != 0) append(out.data, answer_mac(*session_, session_->chaining, out.data, out.status));
  return out;
}

}  // namespace tf::apdu::scp03
