// The program behind the browser's extension: it reaches the card, carries batches of commands unchanged, judges what is to be shown and
// seals the PIN. It has a new PIN set by the PUK, too, for the person in front of the extension's window. Nothing else: no key, no certificate, and no
// command of its own but for that. The page never meets it; the extension's window, where the
// person reads the payment and enters the PIN, is the display and the PIN pad (docs/browser.md).
//
// Reasons of errors: "origin" (pages of that origin may not), "busy" (another page or program has the bridge), "no_service", "no_reader",
// "no_card", "removed", "reset", "in_use", "denied", "unresponsive" (the card's way), "display" (what is to be shown is not believed; the
// detail says why), "expired", "pin" (none that the card takes), "card" (not one of a manufacturer who is trusted here), "puk_blocked", "state" (out of order), "message" (not understood), "failed".
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/ports.hpp"
#include "pcsc/library.hpp"
#include "terminal/cardsign/bridge_settings.hpp"
#include "terminal/cardsign/native_messages.hpp"
#include "terminal/cardsign/relay.hpp"

namespace tf::terminal {

class Bridge {
 public:
  struct Ports {
    const Clock& clock;
    pcsc::Library& library;
    std::function<std::string(std::uint64_t amount, const std::string& currency)> money;  // "12.50"
    // One page at a time on this machine, until what it gives is gone. Code::conflict: another has it.
    std::function<Result<std::shared_ptr<void>>()> lock;
  };
  Bridge(BridgeSettings settings, Ports ports) : settings_(std::move(settings)), ports_(std::move(ports)) {}

  // One message of the extension, one answer, at most kMaxNativeAnswer.
  std::string answer(const SecretBytes& message);

 private:
  using Answer = Result<std::string>;  // JSON members without the id
  Answer perform(NativeRequest& request);
  Answer perform(const AskReaders&);
  Answer perform(const AskBegin& begin);
  Answer perform(const AskTransmit& transmit);
  Answer perform(const AskDisplay& display);
  Answer perform(const AskPin& pin);
  Answer perform(const AskPinState& state);
  Answer perform(const AskUnblock& unblock);
  Error told(Error error);  // of the card's way; without the card the session is over
  Answer perform(const AskEnd&);

  BridgeSettings settings_;
  Ports ports_;
  std::string origin_;               // of the page of this session
  std::shared_ptr<void> locked_;
  std::optional<CardInReach> card_;  // begun
  std::optional<Shown> shown_;       // and the PIN for it not yet given
};

// The word for an error, of the list above.
std::string_view bridge_reason(const Error& error);

}  // namespace tf::terminal
