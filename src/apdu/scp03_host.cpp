#include <algorithm>

#include "apdu/scp03.hpp"
#include "apdu/scp03_parts.hpp"
#include "crypto/block_cipher.hpp"

namespace tf::apdu::scp03 {
namespace {

Error closed() { return Error{Code::conflict, "scp03.closed", "no secure channel is open, or nothing is awaited"}; }

}  // namespace

HostSession::HostSession(StaticKeys keys, ByteArray<8> challenge, std::uint8_t version, std::uint8_t level)
    : keys_(std::move(keys)), challenge_(challenge), version_(version) {
  session_.level = level;
}

Result<HostSession> HostSession::begin(const StaticKeys& keys, Random& random, std::uint8_t key_version, std::uint8_t level) {
  if (!keys.valid()) return Error{Code::invalid, "scp03.keys", "AES keys of one size"};
  return HostSession(keys.clone(), random.array<8>(), key_version, level);
}

Error HostSession::close(const char* reason, const char* detail) {
  state_ = State::closed;
  awaited_.clear();
  return Error{Code::refused, reason, detail};
}

CommandApdu HostSession::initialize_update() const {
  return {.cla = 0x80, .ins = kInitializeUpdate, .p1 = version_, .p2 = 0, .data = to_bytes(challenge_), .le = kMaxShortLe};
}

Result<CommandApdu> HostSession::external_authenticate(const ResponseApdu& answer) {
  if (state_ != State::begun) return closed();
  if (!answer.ok()) return close("scp03.initialize_update", "the card refuses");
  const ByteView data = answer.data;
  // Diversification 10, key information 3, challenge 8, cryptogram 8; cards with pseudo-random challenges add a sequence counter of 3.
  if (data.size() != 29 && data.size() != 32) return Error{Code::malformed, "scp03.initialize_update", "an answer of another size"};
  if (data[11] != 0x03 || (data[12] & 0x01) != 0) return close("scp03.initialize_update", "another protocol than SCP03 with MACs of 8 octets");
  Bytes context = to_bytes(challenge_);
  append(context, data.subspan(13, 8));
  session_ = make_session(keys_, context, session_.level);
  if (!equal_in_constant_time(cryptogram(session_, 0x00, context), data.subspan(21, 8))) return close("scp03.cryptogram", "not the card that has these keys");
  CommandApdu command{.cla = 0x84, .ins = kExternalAuthenticate, .p1 = session_.level, .p2 = 0, .data = cryptogram(session_, 0x01, context)};
  session_.chaining = command_mac(session_, command, command.data);
  append(command.data, ByteView(session_.chaining).first(kMacSize));
  state_ = State::authenticated;
  return command;
}

Status HostSession::established(const ResponseApdu& answer) {
  if (state_ != State::authenticated) return closed();
  if (!answer.ok() || !answer.data.empty()) return close("scp03.external_authenticate", "the card refuses the host");
  state_ = State::open;
  return {};
}

Result<CommandApdu> HostSession::wrap(const CommandApdu& plain) {
  if (state_ != State::open) return closed();
  CommandApdu out{.cla = static_cast<std::uint8_t>(plain.cla | 0x04), .ins = plain.ins, .p1 = plain.p1, .p2 = plain.p2};
  const std::uint64_t counter = session_.counter + 1;
  if ((session_.level & kCommandEncryption) != 0 && !plain.data.empty()) out.data = TF_TRY(encrypt(session_, counter, false, plain.data));
  else out.data = plain.data;
  if (out.data.size() + kMacSize > kMaxExtendedData) return Error{Code::invalid, "apdu.too_long", "no room for the protection"};
  session_.counter = counter;
  session_.chaining = command_mac(session_, out, out.data);
  append(out.data, ByteView(session_.chaining).first(kMacSize));
  out.extended = out.data.size() > kMaxShortData;
  if (plain.le) out.le = out.extended ? kMaxExtendedLe : kMaxShortLe;
  awaited_.push_back({session_.chaining, counter});
  return out;
}

Result<ResponseApdu> HostSession::unwrap(const ResponseApdu& wrapped) {
  if (state_ != State::open || awaited_.empty()) return closed();
  const Awaited command = std::move(awaited_.front());
  awaited_.pop_front();
  if (!is_protected(wrapped.status)) {
    // What was wrapped after it is not carried out; none of it may be sent in another order.
    if (!awaited_.empty()) state_ = State::closed;
    awaited_.clear();
    if (!wrapped.data.empty()) return close("scp03.mac", "data beside an error");
    return wrapped;
  }
  ByteView data = wrapped.data;
  if ((session_.level & kAnswerMac) != 0) {
    if (data.size() < kMacSize) return close("scp03.mac", "an answer without MAC");
    const ByteView mac = data.last(kMacSize);
    data = data.first(data.size() - kMacSize);
    if (!equal_in_constant_time(answer_mac(session_, command.chaining, data, wrapped.status), mac)) return close("scp03.mac", "the answer was altered");
  }
  if ((session_.level & kAnswerEncryption) == 0 || data.empty()) return ResponseApdu(to_bytes(data), wrapped.status);
  const auto plain = decrypt(session_, command.counter, true, data);
  if (!plain) return close("scp03.padding", "the answer is not padded as it should be");
  return ResponseApdu(to_bytes(plain->reveal()), wrapped.status);
}

Result<Bytes> HostSession::encrypt_sensitive(const SecretBytes& data) const {
  return to_bytes(TF_TRY(crypto::cbc(crypto::BlockCipher::aes, crypto::Direction::encrypt, keys_.dek.reveal(), ByteArray<16>{}, data.reveal())).reveal());
}

}  // namespace tf::apdu::scp03
