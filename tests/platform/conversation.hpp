// One conversation of a device with the service, message by message.
#pragma once
#include "tests/platform/scene.hpp"

namespace tf::platform::test {

class Conversation {
 public:
  Conversation(RkiScene& scene, TerminalUnderTest& device, std::int64_t part = 1)
      : scene_(scene), device_(device), at_(must(rki::begin(device.identity, part, device.ports()))) {}

  [[nodiscard]] std::string route() const { return std::string(at_.send->route); }
  [[nodiscard]] const std::string& body() const { return at_.send->body; }
  // Sends what is to be sent; the device has not seen the reply yet.
  [[nodiscard]] Result<std::string> send() { return scene_.handle(route(), body()); }
  void take(std::string_view reply) {
    at_ = must(rki::step(std::move(at_.next), reply, device_.identity, device_.ports()));
    if (at_.install)
      for (rki::InstallableKey& key : at_.install->keys) installed.insert_or_assign(key.slot, std::move(key.key));
  }
  [[nodiscard]] bool finished() const { return std::holds_alternative<rki::Finished>(at_.next); }
  // Up to the message of that route, which is not sent.
  Conversation& until(std::string_view route_wanted) {
    while (route() != route_wanted) take(must(send()));
    return *this;
  }
  void finish() {
    while (!finished()) take(must(send()));
  }

  std::map<rki::Slot, SecretBytes> installed;

 private:
  RkiScene& scene_;
  TerminalUnderTest& device_;
  rki::TerminalStep at_;
};

}  // namespace tf::platform::test
