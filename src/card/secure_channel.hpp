// What applications with an SCP03 channel of their own do alike; private to card.
#pragma once
#include <algorithm>
#include <string_view>

#include "apdu/scp03.hpp"
#include "crypto/digest.hpp"

namespace tf::card {

// Diversification data: the beginning of the serial's SHA-256.
inline apdu::scp03::CardSession::Identity channel_identity(std::string_view serial) {
  apdu::scp03::CardSession::Identity out;
  const Hash256 hash = crypto::sha256(as_bytes(serial));
  std::copy_n(hash.begin(), out.diversification.size(), out.diversification.begin());
  return out;
}

// A command under protection: the channel's own, or dispatched without its protection; nothing of either is left behind.
template <class Dispatch>
apdu::ResponseApdu under_channel(apdu::scp03::CardSession& channel, const apdu::CommandApdu& command, const Dispatch& dispatch) {
  if ((command.cla & 0x0C) != 0x04) return apdu::StatusWord::secure_messaging_not_supported;
  if (command.base_class() == 0x80 && command.ins == apdu::scp03::kExternalAuthenticate) return channel.external_authenticate(command);
  auto plain = channel.unwrap(command);
  if (!plain) return plain.error();
  apdu::ResponseApdu answer = dispatch(*plain);
  wipe(plain->data.data(), plain->data.size());
  auto wrapped = channel.wrap(answer);
  wipe(answer.data.data(), answer.data.size());
  return wrapped ? std::move(*wrapped) : apdu::ResponseApdu(apdu::StatusWord::no_diagnosis);
}

}  // namespace tf::card
