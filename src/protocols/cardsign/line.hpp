// The platform's end of the way to a card: commands as octets for the relay, its answers taken apart; plain, and within SCP03 once that is
// open. Nothing of what the relay brings is believed before it is unwrapped or verified. Private to the sessions.
#pragma once
#include <optional>
#include <vector>

#include "apdu/scp03.hpp"
#include "protocols/cardsign/messages.hpp"

namespace tf::cardsign {

class Line {
 public:
  // What is sent next; replaces what was sent before.
  Result<Commands> send(const std::vector<apdu::CommandApdu>& commands);
  // In the order of the commands. Fewer than were sent when the last one is an error. Code::refused "cardsign.answers" for another number of
  // them, "cardsign.secure_channel" when the protection of one does not hold; Code::malformed "apdu.response".
  Result<std::vector<apdu::ResponseApdu>> receive(const std::vector<Bytes>& answers);
  // The data of answers that all have to be 9000. Code::refused "cardsign.card_status".
  Result<std::vector<Bytes>> receive_all(const std::vector<Bytes>& answers);

  // SCP03: open() gives INITIALIZE UPDATE, authenticate() takes its answer and gives EXTERNAL AUTHENTICATE, established() takes that one's.
  // Code::refused "cardsign.secure_channel" for a card that does not have the keys.
  Result<Commands> open(const apdu::scp03::StaticKeys& keys, Random& random);
  Result<Commands> authenticate(const std::vector<Bytes>& answers);
  Status established(const std::vector<Bytes>& answers);
  // A PIN or PUK of 8 octets as a wrapped command carries it: filled up, under the DEK.
  [[nodiscard]] Result<Bytes> encrypted(const SecretBytes& pin) const;
  [[nodiscard]] bool secured() const { return session_ && session_->is_open(); }

 private:
  std::optional<apdu::scp03::HostSession> session_;
  std::size_t sent_ = 0;
};

}  // namespace tf::cardsign
