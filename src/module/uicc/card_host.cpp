#include "module/uicc/card_host.hpp"

#include <fmt/format.h>

#include <utility>

#include "apdu/shield.hpp"
#include "apdu/tlv.hpp"
#include "pki/device/attestation.hpp"

namespace tf::module::uicc {
namespace {

namespace words = apdu::onboard;
using apdu::CommandApdu;
using apdu::ResponseApdu;
using apdu::StatusWord;

Error other_card(std::string detail) { return Error{Code::integrity, "module.other_card", std::move(detail)}; }

Result<Bytes> plain_ok(apdu::Channel& channel, const CommandApdu& command, const char* what) {
  auto answer = TF_TRY(apdu::exchange(channel, command));
  if (!answer.ok()) return card_error(what, answer.status);
  return std::move(answer.data);
}

// The channel key, certified by the card's factory key; and that by the manufacturer where he is known.
Result<crypto::PublicKey> channel_key(apdu::Channel& channel, const std::string& serial, const std::optional<pki::Certificate>& manufacturer, std::int64_t now_ms) {
  (void)TF_TRY(plain_ok(channel, apdu::shield::select(), "SELECT"));
  std::vector<pki::Certificate> factory;
  for (const Bytes& der : TF_TRY(apdu::shield::read_chain(TF_TRY(plain_ok(channel, apdu::shield::get_data(apdu::shield::Object::factory), "GET DATA")))))
    factory.push_back(TF_TRY(pki::Certificate::from_der(der)));
  if (factory.empty()) return other_card("the card has no factory certificate");
  const auto own = TF_TRY(pki::Certificate::from_der(TF_TRY(plain_ok(channel, apdu::shield::get_data(apdu::shield::Object::channel), "GET DATA"))));
  if (manufacturer) TF_CHECK(pki::verify_factory(factory, serial, {*manufacturer}, now_ms));
  return pki::verify_channel(own, factory.front(), now_ms);
}

Result<std::string> serial_of(apdu::Channel& channel) {
  (void)TF_TRY(plain_ok(channel, words::select(), "SELECT of the module application"));
  return apdu::shield::read_serial(TF_TRY(plain_ok(channel, words::command(words::Ins::get_data, words::kSerialObject), "GET DATA")));
}

// The channel is gone on the card's side, or somebody else has the card now: none of the command was carried out.
bool is_lost(StatusWord status) {
  switch (status) {
    case StatusWord::security_status:
    case StatusWord::secure_messaging_not_supported:
    case StatusWord::missing_sm_object:
    case StatusWord::wrong_sm_object:
    case StatusWord::wrong_ins:
    case StatusWord::wrong_cla: return true;
    default: return false;
  }
}

}  // namespace

Error card_error(const char* what, StatusWord status) { return Error{Code::unavailable, "module.card", fmt::format("{}: {}", what, apdu::describe(status))}; }

Result<CardHost> CardHost::claim(Connect connect, const std::optional<pki::Certificate>& manufacturer, std::int64_t now_ms, Random& random) {
  auto channel = TF_TRY(connect());
  const std::string serial = TF_TRY(serial_of(*channel));
  const auto theirs = TF_TRY(channel_key(*channel, serial, manufacturer, now_ms));
  const crypto::PrivateKey ours = crypto::PrivateKey::generate_p256();
  const auto point = ours.public_key().point();
  (void)TF_TRY(plain_ok(*channel, words::select(), "SELECT"));
  const auto answer = TF_TRY(apdu::exchange(*channel, words::command(words::Ins::claim, 0, apdu::TlvWriter().put(words::kPoint, point).take())));
  if (answer.status == StatusWord::conditions_of_use) return Error{Code::conflict, "module.card_taken", "card " + serial + " is the module of a device already"};
  if (!answer.ok()) return card_error("CLAIM", answer.status);
  CardHost out(std::move(connect), serial, words::channel_keys(TF_TRY(crypto::ecdh_p256(ours, theirs)), point, serial), random);
  out.channel_ = std::move(channel);
  TF_CHECK(out.open());
  return out;
}

Result<CardHost> CardHost::find(Connect connect, std::string serial, apdu::scp03::StaticKeys keys, Random& random) {
  CardHost out(std::move(connect), std::move(serial), std::move(keys), random);
  TF_CHECK(out.open());
  return out;
}

Status CardHost::open() {
  session_.reset();
  if (!channel_) channel_ = TF_TRY(connect_());
  const std::string found = TF_TRY(serial_of(*channel_));
  if (found != serial_) return other_card(fmt::format("this is card {}, the module is in card {}", found, serial_));
  auto session = TF_TRY(apdu::scp03::HostSession::begin(keys_, *random_));
  const auto begun = TF_TRY(apdu::exchange(*channel_, session.initialize_update()));
  if (begun.status == StatusWord::reference_not_found) return other_card(fmt::format("card {} is no module any more", serial_));
  if (!begun.ok()) return card_error("INITIALIZE UPDATE", begun.status);
  const auto proof = session.external_authenticate(begun);
  if (!proof && proof.error().code == Code::refused) return other_card(fmt::format("card {} has another host", serial_));
  if (!proof) return proof.error();
  const auto proved = TF_TRY(apdu::exchange(*channel_, *proof));
  if (!session.established(proved)) return card_error("EXTERNAL AUTHENTICATE", proved.status);
  session_ = std::move(session);
  return {};
}

Result<ResponseApdu> CardHost::once(const CommandApdu& command) {
  if (!session_) TF_CHECK(open());
  const auto wrapped = TF_TRY(session_->wrap(command));
  auto answer = apdu::exchange(*channel_, wrapped);
  if (!answer) {
    session_.reset();
    channel_.reset();
    return answer.error();
  }
  auto plain = session_->unwrap(*answer);
  if (!plain) {
    session_.reset();
    return Error{Code::unavailable, "module.card", "an answer of the card was altered on its way: " + plain.error().detail};
  }
  if (is_lost(plain->status)) session_.reset();
  return plain;
}

Result<ResponseApdu> CardHost::ask(words::Ins ins, std::uint8_t p2, Bytes data) {
  CommandApdu command = words::command(ins, p2, std::move(data));
  auto answer = once(command);
  if (!session_ && (!answer || is_lost(answer->status))) answer = once(command);  // once more, by another channel
  wipe(command.data.data(), command.data.size());
  return answer;
}

Result<Bytes> CardHost::ask_ok(words::Ins ins, std::uint8_t p2, Bytes data) {
  auto answer = TF_TRY(ask(ins, p2, std::move(data)));
  if (!answer.ok()) return card_error("the module application", answer.status);
  return std::move(answer.data);
}

Result<Bytes> CardHost::under_dek(const SecretBytes& secret) {
  if (!session_) TF_CHECK(open());
  return session_->encrypt_sensitive(secret);
}

}  // namespace tf::module::uicc
