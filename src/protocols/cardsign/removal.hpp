// Containers of persons that an operator took off the card: deleted there, over SCP03. It goes before whatever the session with the card is for.
//
//   begin()     → commands                          the application is selected, the serial read
//   answered()  → ContainerRemoved → noted()        for each: deleted, or not there any more, as the card says under its MAC
//   noted()     → the next one, or AllRemoved       the channel stays open; what comes next selects the application anew
//
// An error without a MAC proves nothing and ends the session; the next one goes on from what the card then has.
#pragma once
#include "protocols/cardsign/line.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::cardsign {

// To be written down before noted().
struct ContainerRemoved {
  std::uint8_t container = 0;
};
struct AllRemoved {};

class RemovalSession {
 public:
  using Next = std::variant<Commands, ContainerRemoved, AllRemoved>;
  RemovalSession(std::string serial, apdu::scp03::StaticKeys keys, std::vector<std::uint8_t> containers)
      : serial_(std::move(serial)), keys_(std::move(keys)), left_(std::move(containers)) {}

  Result<Next> begin();
  // Code::refused "cardsign.other_card", "cardsign.secure_channel", "cardsign.card_status".
  Result<Next> answered(const std::vector<Bytes>& answers, const PlatformPorts& ports);
  Result<Next> noted();

 private:
  enum class State { begun, reading, opening, authenticating, counting, deleting, noting, over };
  Result<Next> next();
  std::string serial_;
  apdu::scp03::StaticKeys keys_;
  std::vector<std::uint8_t> left_;
  Line line_ = {};
  State state_ = State::begun;
  Bytes there_ = {};  // containers on the card
};

}  // namespace tf::cardsign
