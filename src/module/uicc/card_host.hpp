// The module application of a card, from its host (apdu/onboard.hpp, docs/card.md): claiming it, and commands in the secure channel. Private to module.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apdu/channel.hpp"
#include "apdu/onboard.hpp"
#include "base/ports.hpp"
#include "pki/certificate.hpp"

namespace tf::module::uicc {

// A way to the card. It is asked for again when the one before broke.
using Connect = std::function<Result<std::unique_ptr<apdu::Channel>>()>;

// Another program that selected something else on the card, or reset it, costs the secure channel, which is opened anew.
//
// Errors: the way's own; Code::unavailable "module.card" for a card that does not do what it is asked; Code::integrity "module.other_card" when it is not the
// card, or not its host any more.
class CardHost {
 public:
  // A card that nobody has, and fresh keys between it and us. Code::conflict "module.card_taken"; manufacturer: whose card it must be, if that is known:
  // Code::refused with the reasons of pki/path/path.hpp.
  static Result<CardHost> claim(Connect connect, const std::optional<pki::Certificate>& manufacturer, std::int64_t now_ms, Random& random);
  // The card of this serial, with the keys that were agreed.
  static Result<CardHost> find(Connect connect, std::string serial, apdu::scp03::StaticKeys keys, Random& random);
  CardHost(CardHost&&) = default;
  CardHost& operator=(CardHost&&) = delete;

  // Inside the secure channel. Every status word of the application is the caller's.
  Result<apdu::ResponseApdu> ask(apdu::onboard::Ins ins, std::uint8_t p2 = 0, Bytes data = {});
  // The same, with anything but 9000 an error: Code::unavailable "module.card".
  Result<Bytes> ask_ok(apdu::onboard::Ins ins, std::uint8_t p2 = 0, Bytes data = {});
  // For a key inside a command.
  Result<Bytes> under_dek(const SecretBytes& secret);

  [[nodiscard]] const std::string& serial() const { return serial_; }
  [[nodiscard]] const apdu::scp03::StaticKeys& keys() const { return keys_; }

 private:
  CardHost(Connect connect, std::string serial, apdu::scp03::StaticKeys keys, Random& random)
      : connect_(std::move(connect)), serial_(std::move(serial)), keys_(std::move(keys)), random_(&random) {}
  Status open();
  Result<apdu::ResponseApdu> once(const apdu::CommandApdu& command);

  Connect connect_;
  std::string serial_;
  apdu::scp03::StaticKeys keys_;
  Random* random_;
  std::unique_ptr<apdu::Channel> channel_ = nullptr;
  std::optional<apdu::scp03::HostSession> session_ = {};
};

Error card_error(const char* what, apdu::StatusWord status);

}  // namespace tf::module::uicc
