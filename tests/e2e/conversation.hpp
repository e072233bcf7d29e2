// A device whose conversation the test carries message by message, over real HTTPS.
#pragma once
#include "terminal/http_transport.hpp"
#include "tests/e2e/scene.hpp"

namespace tf::test {

std::string hello_of(const rki::Identity& identity);

class Conversation {
 public:
  Conversation(const Fleet& fleet, const std::string& serial);

  // Posts the message whose turn it is; the state stays.
  Result<terminal::Reply> post();
  // Posts it, expects 200 and takes the answer.
  void step();
  // To the end; the device is saved when keys are installed and confirmed.
  void finish();
  [[nodiscard]] const rki::Outgoing& message() const { return *step_.send; }
  [[nodiscard]] bool finished() const { return std::holds_alternative<rki::Finished>(step_.next); }
  // Of the last answer.
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  const Fleet& fleet_;
  terminal::Device device_;
  terminal::HttpTransport transport_;
  rki::TerminalStep step_;
  std::string body_;
};

}  // namespace tf::test
